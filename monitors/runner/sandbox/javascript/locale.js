// V8's English locale for an engine without ICU: formats of dates and numbers, and the order of words. Other locales
// are treated as English, and there is no `Intl`.
(host) => {
    const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October',
            'November', 'December'],
        DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
        DATE_PARTS = ['weekday', 'year', 'month', 'day'],
        TIME_PARTS = ['hour', 'minute', 'second'],
        STYLES = {
            date: {
                full: { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' },
                long: { year: 'numeric', month: 'long', day: 'numeric' },
                medium: { year: 'numeric', month: 'short', day: 'numeric' },
                short: { year: '2-digit', month: 'numeric', day: 'numeric' }
            },
            time: {
                full: { hour: 'numeric', minute: '2-digit', second: '2-digit', timeZoneName: 'short' },
                long: { hour: 'numeric', minute: '2-digit', second: '2-digit', timeZoneName: 'short' },
                medium: { hour: 'numeric', minute: '2-digit', second: '2-digit' },
                short: { hour: 'numeric', minute: '2-digit' }
            }
        },
        DATE = { year: 'numeric', month: 'numeric', day: 'numeric' },
        TIME = { hour: 'numeric', minute: '2-digit', second: '2-digit' };

    function padded (value, style) {
        return style === '2-digit' ? String(value % 100).padStart(2, '0') : String(value);
    }

    function named (names, index, style) {
        return style === 'long' ? names[index] : names[index].slice(0, style === 'narrow' ? 1 : 3);
    }

    function dateText (date, parts, british) {
        const weekday = parts.weekday && named(DAYS, date.getDay(), parts.weekday),
            year = parts.year && padded(date.getFullYear(), british && !parts.weekday && parts.month === 'numeric' ? 'numeric' : parts.year),
            spelled = parts.month && !/numeric|2-digit/.test(parts.month),
            day = parts.day && padded(date.getDate(), british && !spelled ? '2-digit' : parts.day);

        if (!spelled) {
            const month = parts.month && padded(date.getMonth() + 1, british ? '2-digit' : parts.month),
                numbers = british ? [day, month, year] : [month, day, year];

            return [weekday, numbers.filter(Boolean).join('/')].filter(Boolean).join(', ');
        }
        const month = named(MONTHS, date.getMonth(), parts.month);

        if (british) {
            return [weekday, [day, month, year].filter(Boolean).join(' ')].filter(Boolean).join(parts.year ? ', ' : ' ');
        }

        return [weekday, [month, day].filter(Boolean).join(' '), year].filter(Boolean).join(day || weekday ? ', ' : ' ');
    }

    function timeText (date, parts, twelve, british) {
        const hours = date.getHours(),
            shown = twelve ? hours % 12 || 12 : hours,
            hour = parts.hour && (parts.hour === '2-digit' || !twelve ? String(shown).padStart(2, '0') : String(shown)),
            minute = parts.minute && (parts.hour ? String(date.getMinutes()).padStart(2, '0') : String(date.getMinutes())),
            second = parts.second && (parts.minute ? String(date.getSeconds()).padStart(2, '0') : String(date.getSeconds())),
            text = [hour, minute, second].filter(Boolean).join(':'),
            half = hours < 12 ? 'AM' : 'PM';

        return text + (hour && twelve ? ` ${british ? half.toLowerCase() : half}` : '') + (parts.timeZoneName ? ` ${zoneName(date)}` : '');
    }

    function zoneName (date) {
        const east = -date.getTimezoneOffset(),
            hours = Math.floor(Math.abs(east) / 60),
            minutes = Math.abs(east) % 60;

        return east ? `GMT${east < 0 ? '-' : '+'}${hours}${minutes ? `:${String(minutes).padStart(2, '0')}` : ''}` : 'UTC';
    }

    // The parts to format. Without any of the `needed` parts in the options, the defaults are added.
    function wanted (options, defaults, needed) {
        const { dateStyle, timeStyle } = options;

        if (dateStyle || timeStyle) { return { ...STYLES.date[dateStyle], ...STYLES.time[timeStyle] }; }

        return needed.some((part) => { return options[part] !== undefined; }) ? options : { ...defaults, ...options };
    }

    function formatted (date, locales, options, defaults, needed) {
        if (Number.isNaN(date.getTime())) { return 'Invalid Date'; }
        const locale = String(Array.isArray(locales) ? locales[0] : locales || 'en-US'),
            british = /^en-(?:GB|AU|NZ|IE|IN|ZA)$/.test(locale),
            twelve = options.hour12 ?? (options.hourCycle ? /h1[12]/.test(options.hourCycle) : !/^en-(?:GB|IE)$/.test(locale)),
            parts = wanted(options, defaults, needed),
            day = DATE_PARTS.some((part) => { return parts[part]; }) && dateText(date, parts, british),
            time = TIME_PARTS.some((part) => { return parts[part]; }) && timeText(date, parts, twelve, british),
            spelled = /full|long/.test(options.dateStyle) || parts.month === 'long';

        return [day, time].filter(Boolean).join(spelled ? ' at ' : day && /^\w+$/.test(day) ? ' ' : ', ');
    }

    function method (name, defaults, needed) {
        Object.defineProperty(Date.prototype, name, {
            value: { [name] (locales, options) { return formatted(this, locales, options || {}, defaults, needed); } }[name],
            configurable: true,
            writable: true
        });
    }

    method('toLocaleString', { ...DATE, ...TIME }, [...DATE_PARTS, ...TIME_PARTS]);
    method('toLocaleDateString', DATE, DATE_PARTS);
    method('toLocaleTimeString', TIME, TIME_PARTS);

    for (const name of ['toString', 'toTimeString']) {
        const write = Date.prototype[name],
            { [name]: withZone } = {
                [name] () {
                    const text = write.call(this);

                    return text.endsWith('+0000') ? `${text} (Coordinated Universal Time)` : text;
                }
            };

        Object.defineProperty(Date.prototype, name, { value: withZone, configurable: true, writable: true });
    }

    function grouped (number, options = {}) {
        if (!Number.isFinite(number)) { return Number.isNaN(number) ? 'NaN' : String(number).replace('Infinity', '∞'); }
        const percent = options.style === 'percent',
            currency = options.style === 'currency',
            minimum = options.minimumFractionDigits ?? (currency ? 2 : 0),
            maximum = options.maximumFractionDigits ?? Math.max(minimum, percent ? 0 : currency ? 2 : 3),
            [whole, fraction = ''] = Math.abs(percent ? number * 100 : number).toFixed(maximum).split('.'),
            padded = whole.padStart(options.minimumIntegerDigits ?? 1, '0'),
            digits = options.useGrouping === false ? padded : padded.replace(/\B(?=(?:\d{3})+$)/g, ','),
            decimals = fraction.slice(0, minimum) + fraction.slice(minimum).replace(/0+$/, ''),
            sign = number < 0 ? '-' : '',
            unit = currency ? { USD: '$', EUR: '€', GBP: '£', JPY: '¥' }[options.currency] ?? `${options.currency} ` : '';

        return sign + unit + digits + (decimals && `.${decimals}`) + (percent ? '%' : '');
    }

    Object.defineProperty(Number.prototype, 'toLocaleString', {
        value: { toLocaleString (locales, options) { return grouped(Number(this), options); } }.toLocaleString,
        configurable: true,
        writable: true
    });

    function base (text) { return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase(); }

    function weight (character) {
        if (/\s/.test(character)) { return 0; }

        return /[\p{L}]/u.test(character) ? 3 : /\p{N}/u.test(character) ? 2 : 1;
    }

    function compareCharacters (one, other) {
        return weight(one) - weight(other) || (one < other ? -1 : Number(one > other));
    }

    function compareWords (one, other, numeric) {
        const pieces = numeric ? /\d+|[^]/gu : /[^]/gu,
            [left, right] = [one.match(pieces) || [], other.match(pieces) || []];

        for (let i = 0; i < Math.min(left.length, right.length); i++) {
            const numbers = numeric && /^\d/.test(left[i]) && /^\d/.test(right[i]),
                order = numbers ? Number(left[i]) - Number(right[i]) : compareCharacters(left[i], right[i]);

            if (order) { return order; }
        }

        return left.length - right.length;
    }

    // The levels of the root collation: letters, then accents, then lower case before upper case.
    function compare (one, other, { sensitivity = 'variant', numeric = false } = {}) {
        const accents = (text) => { return text.normalize('NFD').toLowerCase(); },
            swapped = (text) => {
                return text.replace(/\p{L}/gu, (letter) => {
                    return letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
                });
            };
        let order = compareWords(base(one), base(other), numeric);

        if (!order && /accent|variant/.test(sensitivity)) { order = compareWords(accents(one), accents(other), false); }
        if (!order && /case|variant/.test(sensitivity)) { order = compareWords(swapped(one), swapped(other), false); }

        return Math.sign(order);
    }

    Object.defineProperty(String.prototype, 'localeCompare', {
        value: { localeCompare (that, locales, options) { return compare(String(this), String(that), options); } }.localeCompare,
        configurable: true,
        writable: true
    });
}
