"""Word lists for the dynamic variables that choose one of a few."""

from __future__ import annotations

import re


def _list(text: str) -> list[str]:
    # A line may end within a word, after its hyphen.
    return [" ".join(entry.split()) for entry in re.sub(r"-\n\s*", "-", text).split(",") if entry.strip()]


ABBREVIATIONS = _list(
    """TCP, HTTP, SDD, RAM, GB, CSS, SSL, AGP, SQL, FTP, PCI, AI, ADP, RSS, XML, EXE, COM, HDD, SMTP, USB,
    PNG"""
)
ADJECTIVES = _list(
    """auxiliary, primary, back-end, digital, open-source, virtual, cross-platform, redundant, online,
    wireless, mobile"""
)
NOUNS = _list(
    """driver, protocol, bandwidth, panel, microchip, program, port, card, array, interface, system,
    sensor, firewall, pixel"""
)
VERBS = _list(
    """back up, bypass, hack, override, compress, copy, navigate, index, connect, generate, quantify,
    calculate, parse, input"""
)
ING_VERBS = _list(
    """backing up, bypassing, overriding, compressing, copying, navigating, indexing, connecting,
    generating, parsing"""
)
PHRASES = [
    "if we {verb} the {noun}, we can get to the {abbreviation} {noun} through the {adjective} {noun}!",
    "we need to {verb} the {adjective} {abbreviation} {noun}!",
    "try to {verb} the {abbreviation} {noun}, maybe it will {verb} the {adjective} {noun}!",
    "you can't {verb} the {noun} without {ingverb} the {adjective} {abbreviation} {noun}!",
    "the {abbreviation} {noun} is down, {verb} the {adjective} {noun} so we can {verb} it!",
]
COLORS = _list(
    """red, green, blue, yellow, purple, mint green, teal, white, black, orange, pink, grey, maroon,
    violet, turquoise, tan, sky blue, salmon, plum, orchid, olive, magenta, lime, ivory, indigo, gold,
    fuchsia, cyan, azure, lavender, silver"""
)
DEPARTMENTS = _list(
    """Books, Movies, Music, Games, Electronics, Computers, Home, Garden, Tools, Grocery, Health, Beauty,
    Toys, Kids, Baby, Clothing, Shoes, Jewelery, Sports, Outdoors, Automotive, Industrial"""
)
PRODUCTS = _list(
    """Chair, Car, Computer, Keyboard, Mouse, Bike, Ball, Gloves, Pants, Shirt, Table, Shoes, Hat, Towels,
    Soap, Tuna, Cheese"""
)
PRODUCT_ADJECTIVES = _list(
    """Small, Ergonomic, Rustic, Intelligent, Gorgeous, Incredible, Fantastic, Practical, Sleek, Awesome,
    Generic, Handcrafted, Handmade, Licensed, Refined, Unbranded, Tasty"""
)
MATERIALS = _list("Steel, Wooden, Concrete, Plastic, Cotton, Granite, Rubber, Metal, Soft, Fresh, Frozen")
COMPANY_SUFFIXES = ["Inc", "and Sons", "LLC", "Group"]
CATCH_ADJECTIVES = _list(
    """Adaptive, Advanced, Automated, Balanced, Centralized, Compatible, Configurable, Cross-platform,
    Decentralized, Digitized, Distributed, Enhanced, Expanded, Extended, Focused, Fundamental,
    Innovative, Integrated, Managed, Networked, Open-source"""
)
CATCH_DESCRIPTORS = _list(
    """24 hour, 24/7, 3rd generation, 4th generation, asynchronous, background, client-driven, client-
    server, composite, dynamic, explicit, global, heuristic, high-level, homogeneous, incremental,
    interactive, local, logistical, modular, multimedia"""
)
CATCH_NOUNS = _list(
    """ability, access, adapter, algorithm, alliance, analyzer, application, approach, architecture,
    archive, array, capability, capacity, challenge, circuit, collaboration, complexity, concept,
    contingency, core, database, definition, emulation"""
)
BS_VERBS = _list(
    """implement, utilize, integrate, streamline, optimize, evolve, transform, embrace, enable,
    orchestrate, leverage, reinvent, aggregate, architect, enhance, incentivize, morph, empower,
    envisioneer, monetize, harness, facilitate, seize, synergize"""
)
BS_ADJECTIVES = _list(
    """clicks-and-mortar, value-added, vertical, proactive, robust, revolutionary, scalable, leading-edge,
    innovative, intuitive, strategic, e-business, mission-critical, sticky, one-to-one, 24/7, end-to-
    end, global, B2B, granular, frictionless, virtual"""
)
BS_NOUNS = _list(
    """synergies, web-readiness, paradigms, markets, partnerships, infrastructures, platforms, initiatives,
    channels, eyeballs, communities, ROI, solutions, e-tailers, e-services, action-items, portals,
    niches, technologies, content, supply-chains"""
)
DATABASE_COLUMNS = _list(
    """id, title, name, email, phone, token, group, category, password, comment, avatar, status, createdAt,
    updatedAt"""
)
DATABASE_TYPES = _list(
    """int, varchar, text, date, datetime, tinyint, time, timestamp, smallint, mediumint, bigint, decimal,
    float, double"""
)
DATABASE_COLLATIONS = _list(
    """utf8_unicode_ci, utf8_general_ci, utf8_bin, ascii_bin, ascii_general_ci, cp1250_bin,
    cp1250_general_ci"""
)
DATABASE_ENGINES = _list("InnoDB, MyISAM, MEMORY, CSV, BLACKHOLE, ARCHIVE")
MONTHS = _list(
    """January, February, March, April, May, June, July, August, September, October, November, December"""
)
WEEKDAYS = _list("Sunday, Monday, Tuesday, Wednesday, Thursday, Friday, Saturday")
ACCOUNT_NAMES = [
    f"{kind} Account"
    for kind in (
        "Checking",
        "Savings",
        "Money Market",
        "Investment",
        "Home Loan",
        "Credit Card",
        "Auto Loan",
        "Personal Loan",
    )
]
TRANSACTION_TYPES = _list("deposit, withdrawal, payment, invoice")
CURRENCY_SYMBOLS = ["$", "€", "£", "¥", "₹", "₽", "₩", "₪", "₺", "kr", "zł", "Kč", "Ft", "R$", "CHF", "лв"]
DOMAIN_SUFFIXES = ["com", "biz", "info", "name", "net", "org"]
LOCALES = _list(
    """af, am, ar, az, be, bg, bn, br, bs, ca, cs, cy, da, de, el, en, eo, es, et, eu, fa, fi, fil, fo, fr,
    fy, ga, gd, gl, gu, ha, he, hi, hr, ht, hu, hy, id, is, it, ja, ka, kk, km, kn, ko, ku, ky, la, lb,
    lo, lt, lv, mg, mi, mk, ml, mn, mr, ms, mt, nb, ne, nl, nn, no, pa, pl, ps, pt, ro, ru, sd, si, sk,
    sl, so, sq, sr, sv, sw, ta, te, tg, th, tk, tr, uk, ur, uz, vi, zu"""
)
NAME_PREFIXES = ["Mr.", "Mrs.", "Ms.", "Miss", "Dr."]
NAME_SUFFIXES = ["Jr.", "Sr.", "I", "II", "III", "IV", "V", "MD", "DDS", "PhD", "DVM"]
JOB_DESCRIPTORS = _list(
    """Lead, Senior, Direct, Corporate, Dynamic, Future, Product, National, Regional, District, Central,
    Global, Customer, Investor, International, Legacy, Forward, Internal, Human, Chief, Principal"""
)
JOB_AREAS = _list(
    """Solutions, Program, Brand, Security, Research, Marketing, Directives, Implementation, Integration,
    Functionality, Response, Paradigm, Tactics, Identity, Markets, Group, Division, Applications,
    Optimization, Operations, Infrastructure, Usability"""
)
JOB_TYPES = _list(
    """Supervisor, Associate, Executive, Liaison, Officer, Manager, Engineer, Specialist, Director,
    Coordinator, Administrator, Architect, Analyst, Designer, Planner, Orchestrator, Technician,
    Developer, Producer, Consultant, Assistant, Facilitator"""
)
DIRECTORIES = _list(
    """/Applications, /Library, /Network, /System, /Users, /bin, /boot, /dev, /etc, /etc/defaults,
    /etc/mail, /etc/periodic, /home, /home/user, /home/user/dir, /lib, /media, /mnt, /net, /opt,
    /opt/bin, /opt/lib, /private, /private/tmp, /proc, /root, /sbin, /srv, /sys, /tmp, /usr, /usr/bin,
    /usr/include, /usr/lib, /usr/local/bin, /usr/share, /usr/src, /var, /var/log, /var/tmp"""
)
COMMON_EXTENSIONS = _list(
    """pdf, mpeg, wav, png, jpeg, gif, mp4, mpe, m1v, m2v, mpga, mp3, htm, html, shtml, txt, css"""
)
FILE_EXTENSIONS = [
    *COMMON_EXTENSIONS,
    *_list("ods, odt, xlsx, docx, zip, tar, jar, woff, bmp, tiff, svg, webm, avi, csv, ics, yaml, xml"),
]
FILE_TYPES = _list(
    """application, audio, chemical, font, image, message, model, multipart, text, video, x-conference,
    x-shader"""
)
