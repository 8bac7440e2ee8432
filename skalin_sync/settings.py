"""Every setting, read from the environment only; a missing or unsafe one stops the start with a sentence that names it.

A value may also come from a file: NAME_FILE names it (container secrets).
"""

import sys
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.FileAwareEnv()
environ.Env.read_env(BASE_DIR / ".env")

TESTING = "pytest" in sys.modules
DEBUG = env.bool("DEBUG", default=False)
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
"""Where the embedded set-up keeps its database, the practice CRMs' state and their certificates."""
BACKUP_DIR = Path(env.str("BACKUP_DIR", default=str(VAR_DIR / "backups")))
"""Where bulk hard deletes keep their backups; one place that all workers share."""


def _required(name: str, cure: str) -> str:
    value = env.str(name, default="test-only-" + "x" * 50 if TESTING else "")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {cure}")
    if len(value) < 32:
        raise ImproperlyConfigured(f"{name} is shorter than 32 characters. {cure}")
    return value


_KEY_CURE = (
    'Generate one with: python -c "import secrets; print(secrets.token_urlsafe(48))" '
    "and put it into the environment, .env, or a file named by the same name with _FILE added."
)
SECRET_KEY = _required("SECRET_KEY", _KEY_CURE)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# Keys that wrap the credentials of connections, newest first; older ones stay readable while `rotate_keys` re-wraps.
CREDENTIAL_KEYS = [_required("CREDENTIAL_KEY", _KEY_CURE), *env.list("CREDENTIAL_KEY_FALLBACKS", default=[])]

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
"""Where browsers reach the console: OAuth callbacks are built from it, never from a request's Host header."""
HTTPS = PUBLIC_URL.startswith("https://")

INSTALLED_APPS = [
    "accounts",
    "integrations.hub",
    "integrations.sync",
    "integrations.salesforce",
    "integrations.hubspot",
    "integrations.zoho",
    "integrations.sellsy",
    "integrations.stripe",
    "integrations.pipedrive",
    "integrations.intercom",
    "integrations.migration",
    "integrations.rehearsal",
    "accounts.raw_rows.RawRowsConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "crispy_forms",
    "crispy_bootstrap5",
    "bootstrap",
    "django_htmx",
    "csp",
    "django_q",
]

MIDDLEWARE = [
    "accounts.silence.Silent",
    "accounts.reference.Reference",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # Deny by default: every page asks for sign-in unless it says otherwise.
    "accounts.middleware.SignInRequired",
]

ROOT_URLCONF = "skalin_sync.urls"
WSGI_APPLICATION = "skalin_sync.wsgi.application"
ASGI_APPLICATION = "skalin_sync.asgi.application"

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
                "integrations.sync.navigation.rail",
            ],
        },
    }
]
# Widgets are drawn by our templates where there are any, by Django's otherwise.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Database -------------------------------------------------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'skalin.sqlite3'}")}
_database = DATABASES["default"]
# Persistent connections with health checks: a worker that reconnects for each task is six times slower.
_database["CONN_MAX_AGE"] = None
_database["CONN_HEALTH_CHECKS"] = True
if _database["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE: a transaction that will write takes the lock at its start, so that two writers wait instead of failing.
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
    if not TESTING:
        VAR_DIR.mkdir(parents=True, exist_ok=True)
else:
    # PostgreSQL compiles a query of many parts anew each time that it runs: seconds for what takes milliseconds.
    _database.setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- People ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
if TESTING:
    # A slow hash is the point in life and only a wait in tests.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.ConsoleAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/15m/key,10/15m/ip"}
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_FORMS = {
    "login": "accounts.sign_in_forms.SignInForm",
    "reauthenticate": "accounts.sign_in_forms.ConfirmPasswordForm",
    "reset_password": "accounts.sign_in_forms.ForgottenPasswordForm",
    "reset_password_from_key": "accounts.sign_in_forms.SetPasswordForm",
    "change_password": "accounts.sign_in_forms.ChangePasswordForm",
}
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Idle hours: accounts.sessions saves a session once a minute at most, so that pages do not queue for the write lock.
SESSION_COOKIE_AGE = 8 * 3600
# Lax, not Strict: the session must survive the return from a CRM's sign-in page.
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_HTTPONLY = True

# --- Safety of pages ------------------------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1
# Zoho signs people in at the server of their data centre.
ZOHO_ACCOUNTS = [
    *(f"https://accounts.zoho.{top}" for top in ("com", "eu", "in", "com.au", "jp", "sa", "com.cn")),
    "https://accounts.zohocloud.ca",
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        # The first step of an OAuth sign-in posts to us and is redirected to the CRM: browsers check that hop too.
        "form-action": [
            SELF,
            "https://*.salesforce.com",
            "https://*.hubspot.com",
            *ZOHO_ACCOUNTS,
            "https://*.sellsy.com",
            "https://oauth.pipedrive.com",
            "https://*.intercom.com",
            *env.list("CRM_SIGN_IN_ORIGINS", default=[]),
        ],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

# --- Language and time ----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="UTC")

# --- Static files ---------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Finders serve files straight from their packages where nobody ran collectstatic (demo, development, tests).
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = DEBUG or TESTING or not any(STATIC_ROOT.iterdir())
WHITENOISE_AUTOREFRESH = False

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Mail -----------------------------------------------------------------------------------------------------------
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Skalin Sync <sync@localhost>")

# --- Queue: a doorbell, never the ledger ----------------------------------------------------------------------------
WORKERS = env.int("WORKERS", default=2)
Q_CLUSTER = {
    "name": "skalin",
    "workers": WORKERS,
    "timeout": 60,
    "retry": 300,
    "queue_limit": WORKERS,
    "bulk": 1,
    "max_attempts": 0,
    "ack_failures": True,
    "recycle": 500,
    "max_rss": 400_000,
    "poll": 0.2,
    "save_limit": 250,
    "catch_up": False,
    "label": "Queue",
}
if _redis := env.str("Q_REDIS_URL", default=""):
    Q_CLUSTER["redis"] = _redis
    if not TESTING:  # tests run side by side and must not count each other's wrong passwords
        # Several web processes must count wrong passwords together: docs/decisions/0007-sign-in.md.
        CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": _redis}}
else:
    Q_CLUSTER["orm"] = "default"

# --- Syncs ----------------------------------------------------------------------------------------------------------
SYNC_LEASE_SECONDS = env.float("SYNC_LEASE_SECONDS", default=60)
SYNC_SWEEP_SECONDS = env.float("SYNC_SWEEP_SECONDS", default=60)
SYNC_CANARY_SECONDS = env.float("SYNC_CANARY_SECONDS", default=30)
SYNC_SILENCE_SECONDS = env.float("SYNC_SILENCE_SECONDS", default=SYNC_CANARY_SECONDS * 3)
SYNC_SLICE_SECONDS = env.float("SYNC_SLICE_SECONDS", default=25)
SYNC_PAGE_SIZE = env.int("SYNC_PAGE_SIZE", default=1000)
# Thirteen months: last year's quarter stays beside this one's. 0 keeps everything.
JOURNAL_DAYS = env.int("JOURNAL_DAYS", default=396)
# Hosts beyond the vendors' own that a connection may talk to; plain http only on loopback.
CRM_EXTRA_HOSTS = env.list("CRM_EXTRA_HOSTS", default=[])
# Hosts beyond the public ones that alerts may be sent to by webhook (one's own chat server, say).
ALERT_EXTRA_HOSTS = env.list("ALERT_EXTRA_HOSTS", default=[])
# A file of certificates to trust beside the system's (the practice CRMs have an authority of their own).
CRM_EXTRA_CA_FILE = env.str("CRM_EXTRA_CA_FILE", default="")
SALESFORCE_API_VERSION = env.str("SALESFORCE_API_VERSION", default="66.0")
# The app that people sign in through, where a connection names none of its own.
SALESFORCE_CLIENT_ID = env.str("SALESFORCE_CLIENT_ID", default="")
SALESFORCE_CLIENT_SECRET = env.str("SALESFORCE_CLIENT_SECRET", default="")
HUBSPOT_CLIENT_ID = env.str("HUBSPOT_CLIENT_ID", default="")
HUBSPOT_CLIENT_SECRET = env.str("HUBSPOT_CLIENT_SECRET", default="")
ZOHO_CLIENT_ID = env.str("ZOHO_CLIENT_ID", default="")
ZOHO_CLIENT_SECRET = env.str("ZOHO_CLIENT_SECRET", default="")
PIPEDRIVE_CLIENT_ID = env.str("PIPEDRIVE_CLIENT_ID", default="")
PIPEDRIVE_CLIENT_SECRET = env.str("PIPEDRIVE_CLIENT_SECRET", default="")
INTERCOM_CLIENT_ID = env.str("INTERCOM_CLIENT_ID", default="")
INTERCOM_CLIENT_SECRET = env.str("INTERCOM_CLIENT_SECRET", default="")
# Sellsy's three hosts, and the app that people sign in through, where a connection names none of its own.
SELLSY_API_URL = env.str("SELLSY_API_URL", default="https://api.sellsy.com/v2")
SELLSY_LOGIN_URL = env.str("SELLSY_LOGIN_URL", default="https://login.sellsy.com/oauth2")
SELLSY_RPC_URL = env.str("SELLSY_RPC_URL", default="https://apifeed.sellsy.com/0/")
SELLSY_CLIENT_ID = env.str("SELLSY_CLIENT_ID", default="")
SELLSY_CLIENT_SECRET = env.str("SELLSY_CLIENT_SECRET", default="")
# Set by the demo: where the practice CRMs listen; the wizard then offers them.
REHEARSAL_URL = env.str("REHEARSAL_URL", default="")
REHEARSAL_SALESFORCE_URL = env.str("REHEARSAL_SALESFORCE_URL", default="")
REHEARSAL_HUBSPOT_URL = env.str("REHEARSAL_HUBSPOT_URL", default="")
REHEARSAL_HUBSPOT_MOVE_URL = env.str("REHEARSAL_HUBSPOT_MOVE_URL", default="")
REHEARSAL_ZOHO_URL = env.str("REHEARSAL_ZOHO_URL", default="")
REHEARSAL_SELLSY_URL = env.str("REHEARSAL_SELLSY_URL", default="")
REHEARSAL_STRIPE_URL = env.str("REHEARSAL_STRIPE_URL", default="")
REHEARSAL_STRIPE_KEY = env.str("REHEARSAL_STRIPE_KEY", default="")
REHEARSAL_PIPEDRIVE_URL = env.str("REHEARSAL_PIPEDRIVE_URL", default="")
REHEARSAL_INTERCOM_URL = env.str("REHEARSAL_INTERCOM_URL", default="")
# The team's own domains: like gmail.com, they recognise no customer.
OWN_DOMAINS = env.list("OWN_DOMAINS", default=[])
ORGANISATION = env.str("ORGANISATION", default="")
"""The team's name, shown under the product's."""

DEFAULT_EXCEPTION_REPORTER = "accounts.crash_reports.CrashReporter"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {reference} {name} {message}", "style": "{"}},
    "filters": {
        "reference": {"()": "accounts.reference.AddReference"},
        "redact": {"()": "integrations.wire.redact.RedactingFilter"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["reference", "redact"]}
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
