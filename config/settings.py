"""All settings. What an operator may change comes from the environment: see docs/configuration.md."""

from pathlib import Path

import django_stubs_ext
import environ
from whitenoise.compress import Compressor

from config.api_settings import REST_FRAMEWORK as REST_FRAMEWORK
from config.api_settings import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS
from integrations import registry

# Lets classes name the model of a view, a form or an admin page: `ListView[Monitor]`.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

VAR_DIR = BASE_DIR / env.str("VAR_DIR", default="var")
VAR_DIR.mkdir(parents=True, exist_ok=True)
DEBUG = env.bool("DEBUG", default=False)


def secret(name: str, in_debug: str) -> str:
    """A secret setting, which has a default only for development.

    Commands that need no secret, such as `manage.py run_collection`, run without it. All others do not start:
    `workspaces.checks` reports an error.
    """
    return env.str(name, default="") or (in_debug if DEBUG else "")


# Security
SECRET_KEY = secret("SECRET_KEY", in_debug="for-development-only-" + "0" * 32)
FIELD_ENCRYPTION_KEYS = secret(
    "FIELD_ENCRYPTION_KEYS", in_debug="Zm9yLWRldmVsb3BtZW50LW9ubHktMDAwMDAwMDAwMDA="
).split(",")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"] if DEBUG else [])
PORT = env.int("PORT", default=8000)
SITE_URL = env.str("SITE_URL", default=f"http://localhost:{PORT}").rstrip("/")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "config.errors.csrf_failed"
EGRESS_ALLOW = env.list("EGRESS_ALLOW", default=[])
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])

IS_HTTPS = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
if IS_HTTPS:
    # Browsers accept a cookie with this prefix only from this host, and only by HTTPS.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
SECURE_SSL_REDIRECT = env.bool("HTTPS_REDIRECT", default=False)
SECURE_SSL_HOST = SITE_URL.partition("://")[2]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=0)
# TrustedProxyMiddleware removes the header from requests that did not come from TRUSTED_PROXIES.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Pages hold no inline script, style or handler, so what a tenant might inject cannot run.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)

INSTALLED_APPS = [
    "workspaces",
    "monitors",
    "integrations",
    *registry.APPS,
    "config.apps.OperatorAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "workspaces.trusted_proxies.TrustedProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.security_headers.SecurityHeadersMiddleware",
    "config.request_limits.RequestLimitsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.request_limits.AnonymousBodyMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "workspaces.middleware.TimeZoneMiddleware",
    "workspaces.middleware.UnreadableSecretMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.version.version",
            ],
        },
    },
]

# Data
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Write-ahead logging lets pages read while a worker writes. Transactions that take the lock when they
    # begin cannot fail half-way because another one has it.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People
AUTH_USER_MODEL = "workspaces.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "workspaces.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_RATE_LIMITS = {
    "login_failed": "",  # counted by workspaces.limits
    "change_password": "5/m/user,20/h/user",
    "reset_password": "20/h/ip,3/h/key",
}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
WORKSPACE_HOME_URL = "monitors:home"
"""The URL name of a workspace's first page."""
LOGOUT_REDIRECT_URL = "account_login"

# Mail
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://" if DEBUG else "smtp://localhost:25")
vars().update(EMAIL_CONFIG)
# Seconds. A silent mail server must not block a worker for longer than a delivery's lease.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Postwatch <postwatch@localhost>")

# Work in the background
REGION = env.str("REGION", default="default")
REGIONS = env.list("REGIONS", default=[REGION])
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {}
if CELERY_BROKER_URL.startswith("filesystem://"):
    BROKER_DIR = VAR_DIR / "broker"
    for folder in ("messages", "control"):
        (BROKER_DIR / folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": BROKER_DIR / "messages",
        "data_folder_out": BROKER_DIR / "messages",
        "control_folder": BROKER_DIR / "control",
        "polling_interval": 0.1,
    }
if CELERY_BROKER_URL.startswith(("redis://", "rediss://")):
    # Lost messages are sent again from the database within seconds. Acknowledgments in Redis would only cost
    # time.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"ack_emulation": False}
CACHE_URL = env.str(
    "CACHE_URL",
    default=CELERY_BROKER_URL if CELERY_BROKER_URL.startswith(("redis://", "rediss://")) else "database",
)
# All web processes share it. It holds nothing but counts of attempts.
CACHES: dict[str, dict[str, object]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "workspaces_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
    if CACHE_URL == "database"
    else {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CACHE_URL,
        "KEY_PREFIX": "postwatch",
        "OPTIONS": {
            "serializer": "config.cache.JSONSerializer",
            "socket_connect_timeout": 2,
            "socket_timeout": 2,
        },
    }
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# A traceback on standard error would otherwise become one log record for each line.
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_TIMEZONE = "UTC"

# Runs
WORKER_CONCURRENCY = env.int("WORKER_CONCURRENCY", default=16)
RUN_LEASE_SECONDS = 30
RESPONSE_BODY_LIMIT = env.int("RESPONSE_BODY_LIMIT", default=10 * 1024 * 1024)
PROXY_URL = env.str("PROXY_URL", default="")
FILES_DIR = env.str("FILES_DIR", default="")
SANDBOX_MEMORY_MB = env.int("SANDBOX_MEMORY_MB", default=128)
SANDBOX_CPU_SECONDS = env.int("SANDBOX_CPU_SECONDS", default=60)
SANDBOX_OUTPUT_MB = env.int("SANDBOX_OUTPUT_MB", default=8)

# Retention
KEEP_GOOD_RUNS_DAYS = env.int("KEEP_GOOD_RUNS_DAYS", default=30)
KEEP_FAILED_RUNS_DAYS = env.int("KEEP_FAILED_RUNS_DAYS", default=90)
KEEP_EXCHANGES_DAYS = env.int("KEEP_EXCHANGES_DAYS", default=30)
KEEP_STATISTICS_MONTHS = env.int("KEEP_STATISTICS_MONTHS", default=25)
KEEP_DELIVERIES_DAYS = env.int("KEEP_DELIVERIES_DAYS", default=90)
# The most that a workspace may choose instead of the first three.
MAX_KEEP_DAYS = env.int("MAX_KEEP_DAYS", default=90)

# Deliveries
HOLD_DELIVERIES = env.bool("HOLD_DELIVERIES", default=False)

# Called every minute while everything works. It may hold a secret, so it is in no log.
HEARTBEAT_URL = env.str("HEARTBEAT_URL", default="")

# PagerDuty
PAGERDUTY_APP_ID = env.str("PAGERDUTY_APP_ID", default="")
# A form redirects to PagerDuty's sign-in, and browsers apply the policy to redirects as well.
CONTENT_SECURITY_POLICY += " https://*.pagerduty.com" if PAGERDUTY_APP_ID else ""
PAGERDUTY_US_EVENTS_URL = env.str("PAGERDUTY_US_EVENTS_URL", default="https://events.pagerduty.com").rstrip(
    "/"
)
PAGERDUTY_EU_EVENTS_URL = env.str(
    "PAGERDUTY_EU_EVENTS_URL", default="https://events.eu.pagerduty.com"
).rstrip("/")

# Requests
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
# For any request: an import of 20 MB and the form around it.
MAX_REQUEST_BYTES = 21 * 1024 * 1024
# The environment editor sends six fields for each of up to a thousand variables.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
DATA_UPLOAD_MAX_NUMBER_FILES = 10

# Pages
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
NODE_MODULES = BASE_DIR / "node_modules"
STATICFILES_DIRS = [
    ("vendor/inter", NODE_MODULES / "@fontsource-variable/inter"),
    ("vendor/jetbrains-mono", NODE_MODULES / "@fontsource-variable/jetbrains-mono"),
    ("vendor/htmx", NODE_MODULES / "htmx.org/dist"),
]
STATICFILES_FINDERS = ["config.finders.NodeModulesFinder", "config.finders.AppsFinder"]
STATICFILES_BACKEND = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
    if DEBUG
    else "whitenoise.storage.CompressedManifestStaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": STATICFILES_BACKEND},
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {"probes": {"()": "config.logs.NoTracebackOfProbes"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["probes"]},
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "celery.beat": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        # It warns that the filesystem broker has no host.
        "kombu.connection": {"level": "ERROR"},
    },
}
