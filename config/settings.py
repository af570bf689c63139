"""The one settings module; values that differ between installations come from the environment."""

import secrets
from pathlib import Path

import django_stubs_ext
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.env import (
    env_bool,
    env_choices,
    env_database,
    env_int,
    env_list,
    env_path,
    env_secret,
    env_text,
)

# Lets admin classes and managers name their model as a type argument.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
STATE_DIR = Path(env_text("QUANJI_STATE_DIR", str(BASE_DIR / "var")))
STATE_DIR.mkdir(parents=True, exist_ok=True)

# A production installation says so; then the checks at start refuse every development stand-in.
PRODUCTION = env_bool("QUANJI_PRODUCTION", default=False)
DEBUG = env_bool("QUANJI_DEBUG", default=False)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("QUANJI_DEBUG shows what people typed: it is never on in production")
ALLOWED_HOSTS = env_list("QUANJI_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
PUBLIC_BASE_URL = env_text("QUANJI_PUBLIC_BASE_URL", "http://127.0.0.1:8000")


def _secret_key() -> str:
    """Return the configured key, or make one on first run and keep it with the other state."""
    if given := env_secret("QUANJI_SECRET_KEY"):
        return given
    if PRODUCTION:
        raise ImproperlyConfigured("QUANJI_SECRET_KEY or QUANJI_SECRET_KEY_FILE must be set")
    path = STATE_DIR / "keys" / "django_secret_key"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text()


SECRET_KEY = _secret_key()

INSTALLED_APPS = [
    "config.apps.OfficeConfig",
    "accounts",  # before Django's own: it refuses createsuperuser in production
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "guardian",
    "rest_framework",
    "drf_spectacular",
    "ledger",
    "registry",
    "rights",
    "filings",
    "certificates",
    "audit",
    "api",
    "web",
    "demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "web.middleware.ChineseFirstLocaleMiddleware",
    "web.middleware.ReadableRequestMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.AccountsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
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
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": env_database("DATABASE_URL", f"sqlite:///{STATE_DIR}/quanji.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
# The password rules of this installation (GB/T 22239-2019 8.1.4.1 a leaves the numbers open).
PASSWORD_LENGTH = env_int("QUANJI_PASSWORD_LENGTH", default=10)
PASSWORD_KINDS = env_int("QUANJI_PASSWORD_KINDS", default=3)
PASSWORD_DAYS = env_int("QUANJI_PASSWORD_DAYS", default=90)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": PASSWORD_LENGTH},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "accounts.passwords.KindsOfCharacterValidator",
        "OPTIONS": {"kinds": PASSWORD_KINDS},
    },
]
# Failed sign-ins before an account or an address is locked, and for how long it is.
LOCKOUT_TRIES = env_int("QUANJI_LOCKOUT_TRIES", default=5)
LOCKOUT_TRIES_OF_ADDRESS = env_int("QUANJI_LOCKOUT_TRIES_OF_ADDRESS", default=50)
LOCKOUT_MINUTES = env_int("QUANJI_LOCKOUT_MINUTES", default=15)
# How long a session lasts unused and at most, and for how long a second factor counts as fresh.
SESSION_IDLE_MINUTES = env_int("QUANJI_SESSION_IDLE_MINUTES", default=30)
SESSION_HOURS = env_int("QUANJI_SESSION_HOURS", default=8)
STEP_UP_MINUTES = env_int("QUANJI_STEP_UP_MINUTES", default=5)
INVITATION_DAYS = env_int("QUANJI_INVITATION_DAYS", default=7)
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = STEP_UP_MINUTES * 60
ACCOUNT_EMAIL_NOTIFICATIONS = True
MFA_ADAPTER = "accounts.adapters.FactorAdapter"
# A clock or a hand may be one period late (RFC 6238, 5.2).
MFA_TOTP_TOLERANCE = 1
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
EMAIL_BACKEND = env_text(
    "QUANJI_EMAIL_BACKEND",
    f"django.core.mail.backends.{'smtp' if PRODUCTION else 'console'}.EmailBackend",
)
EMAIL_HOST = env_text("QUANJI_EMAIL_HOST", "localhost")
EMAIL_PORT = env_int("QUANJI_EMAIL_PORT", default=25)
EMAIL_HOST_USER = env_text("QUANJI_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = env_secret("QUANJI_EMAIL_PASSWORD") or ""
EMAIL_USE_TLS = env_bool("QUANJI_EMAIL_TLS", default=False)
DEFAULT_FROM_EMAIL = env_text("QUANJI_EMAIL_FROM", "quanji@localhost")
# How many proxies before this server add to X-Forwarded-For; of that header no more is believed.
TRUSTED_PROXIES = env_int("QUANJI_TRUSTED_PROXIES", default=0)
# How often in an hour one caller may use what needs no account; 0 sets no limit.
OBJECTIONS_PER_HOUR = env_int("QUANJI_OBJECTIONS_PER_HOUR", default=20)
OBJECTION_LOOKUPS_PER_HOUR = env_int("QUANJI_OBJECTION_LOOKUPS_PER_HOUR", default=30)
INVITATIONS_PER_HOUR = env_int("QUANJI_INVITATIONS_PER_HOUR", default=30)
LETTERS_PER_HOUR = env_int("QUANJI_LETTERS_PER_HOUR", default=300)
REPORTS_PER_HOUR = env_int("QUANJI_REPORTS_PER_HOUR", default=60)
CERTIFICATE_LOOKUPS_PER_HOUR = env_int("QUANJI_CERTIFICATE_LOOKUPS_PER_HOUR", default=300)
# A file that is checked costs a second of a processor.
VERIFICATIONS_PER_HOUR = env_int("QUANJI_VERIFICATIONS_PER_HOUR", default=300)
# The quota of a key of the API that names none of its own.
API_REQUESTS_PER_HOUR = env_int("QUANJI_API_REQUESTS_PER_HOUR", default=10_000)
# Shared by every process: used one-time codes and the limits of tries lie here.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_cache",
    }
}
ANONYMOUS_USER_NAME = None
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "web:desk"
LOGOUT_REDIRECT_URL = "web:home"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = STATE_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "frame-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
# Not "no-referrer": with it browsers send forms with "Origin: null", which CSRF protection refuses.
SECURE_REFERRER_POLICY = "same-origin"
# A new API key is shown in a message: it stays on the server, not in a cookie that all can read.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "web.errors.csrf_failure"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_PARSER_CLASSES": ["api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "api.problems.problem_response",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Quanji",
    "DESCRIPTION": "Read the register of data assets and verify its certificates.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    # Members named "kind" or "verdict" of several lists of codes.
    "ENUM_NAME_OVERRIDES": {
        "DocumentKindEnum": "certificates.models.DocumentKind.choices",
        "PartyKindEnum": "registry.kinds.PartyKind.choices",
        "RightKindEnum": "rights.kinds.RightKind.choices",
        "RemarkKindEnum": "rights.kinds.RemarkKind.choices",
        "VerdictEnum": ["valid", "invalid", "cannot_verify"],
    },
}

# Nothing personal in logs (docs/adr/0010): tracebacks without messages, requests without queries,
# no statements with their values at any level, no reports by mail.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "config.logs.ReticentFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "filters": {"no_query": {"()": "config.logs.WithoutQuery"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["no_query"]}
    },
    "root": {"handlers": ["console"], "level": env_text("QUANJI_LOG_LEVEL", "INFO")},
    "loggers": {
        # Replaces Django's own handlers, of which one mails reports with everything in them.
        "django": {"handlers": [], "level": "NOTSET", "propagate": True},
        "django.server": {"handlers": [], "level": "NOTSET", "propagate": True},
        "django.db.backends": {"level": "WARNING"},
        "django.template": {"level": "INFO"},
        "pikepdf": {"level": "WARNING"},
    },
}
DEFAULT_EXCEPTION_REPORTER_FILTER = "config.logs.NoValues"

# The registrar of this installation (NDA35 Annex 6: region 2 digits, registrar 1 digit).
PROFILES = env_list("QUANJI_PROFILES", "cn-nda-2026-35,cn-public-2025-26")
# The published fee table, by its name in filings/fee_tables (NDA35 art. 10(3)).
FEE_TABLE = env_text("QUANJI_FEE_TABLE", "example")
REGISTRAR_NAME_ZH = env_text("QUANJI_REGISTRAR_NAME_ZH", "示例数据产权登记中心")
REGISTRAR_NAME_EN = env_text("QUANJI_REGISTRAR_NAME_EN", "Example Data Rights Registry")
REGISTRAR_REGION = env_text("QUANJI_REGISTRAR_REGION", "37")
REGISTRAR_DIGIT = env_text("QUANJI_REGISTRAR_DIGIT", "0")
REGISTRAR_USCC = env_text("QUANJI_REGISTRAR_USCC", "")
REGISTRAR_IS_EXAMPLE = env_bool("QUANJI_REGISTRAR_IS_EXAMPLE", default=True)

# What the rule profile cn-nda-2026-35 fixes (NDA35 art. 26: generally no more than five years).
MAX_TERM_MONTHS = env_int("QUANJI_MAX_TERM_MONTHS", default=60)
# Which rights may be pledged: to operate includes to give security (NDA35 art. 3).
PLEDGEABLE_RIGHTS = env_choices(
    "QUANJI_PLEDGEABLE_RIGHTS", "OPERATE", among=("HOLD", "USE", "OPERATE")
)
# For how long a priority notice keeps a place at most (by analogy to Civil Code art. 221).
NOTICE_DAYS = env_int("QUANJI_NOTICE_DAYS", default=90)
# The longest term of a caution and of each extension; the law names none.
CAUTION_MONTHS = env_int("QUANJI_CAUTION_MONTHS", default=12)
# How long the papers of a registered case are kept (NDA35 art. 10(2): at least 20; Shenzhen: 30).
RECORD_YEARS = env_int("QUANJI_RECORD_YEARS", default=20)

LEDGER_ORIGIN = env_text("QUANJI_LEDGER_ORIGIN", "quanji.example/log")
LEDGER_KEY_FILE = Path(env_text("QUANJI_LEDGER_KEY_FILE", str(STATE_DIR / "keys" / "log.key")))
# What the signer signed last; keep it apart from the database and from its backups.
LEDGER_MEMORY_FILE = Path(
    env_text("QUANJI_LEDGER_MEMORY_FILE", str(STATE_DIR / "ledger" / "last_signed"))
)
# Who witnesses our checkpoints (C2SP tlog-policy); without it a signature alone makes one public.
LEDGER_POLICY_FILE = env_text("QUANJI_LEDGER_POLICY_FILE", "")
# The embedded default sequences and signs in the acting process right after the commit; a larger
# installation switches this off and runs `manage.py publish_ledger --watch`.
LEDGER_PUBLISH_INLINE = env_bool("QUANJI_LEDGER_PUBLISH_INLINE", default=True)
# How often the ledger commits to its state map by itself, in hours; 0 leaves it to the command.
STATE_MAP_HOURS = env_int("QUANJI_STATE_MAP_HOURS", default=24)
STATUS_LIST_HOURS = env_int("QUANJI_STATUS_LIST_HOURS", default=24)

# The registrar's seal: its key as a PKCS#11 URI (RFC 7512), its certificates, the roots to publish.
# Without them an example key seals, made in PKI_DIR.
SEAL_KEY = env_text("QUANJI_SEAL_KEY", "")
SEAL_CHAIN_FILE = env_text("QUANJI_SEAL_CHAIN_FILE", "")
SEAL_TRUST_FILE = env_text("QUANJI_SEAL_TRUST_FILE", "")
# What gives the sealer of letters: the room of cases stands beside that of seals (docs/adr/0027).
LETTER_SEALER = "certificates.sealing.sealer"
# The second suite (docs/adr/0022): its SM2 key and its certificates, the signer's first. Without
# them production has none, and elsewhere an example key signs, made beside PKI_DIR.
SM2_KEY = env_path("QUANJI_SM2_KEY")
SM2_CHAIN = env_path("QUANJI_SM2_CHAIN")
# Who stamps seals (RFC 3161), in the order in which they are asked; an example authority if none.
TSA_URLS = env_list("QUANJI_TSA_URLS", "")
TSA_CHAIN_FILE = env_text("QUANJI_TSA_CHAIN_FILE", "")
TSA_TRUST_FILE = env_text("QUANJI_TSA_TRUST_FILE", "")
# How long a time-stamp may take, and by how much its time may differ from ours.
TSA_SECONDS = env_int("QUANJI_TSA_SECONDS", default=10)
TSA_TOLERANCE_SECONDS = env_int("QUANJI_TSA_TOLERANCE_SECONDS", default=60)
# For how long certificates may wait for a time-stamp before no further number is taken.
TSA_OUTAGE_MINUTES = env_int("QUANJI_TSA_OUTAGE_MINUTES", default=240)
# What authorities say of the seal's certificates (*.crl, *.ocsp): manage.py refresh_revocation.
REVOCATION_DIR = Path(env_text("QUANJI_REVOCATION_DIR", str(STATE_DIR / "revocation")))
PKI_DIR = Path(env_text("QUANJI_PKI_DIR", str(STATE_DIR / "keys" / "seal")))
INSTRUMENT_DIR = Path(env_text("QUANJI_INSTRUMENT_DIR", str(STATE_DIR / "instruments")))
CERTIFICATE_DIR = Path(env_text("QUANJI_CERTIFICATE_DIR", str(STATE_DIR / "certificates")))
MAX_INSTRUMENT_BYTES = env_int("QUANJI_MAX_INSTRUMENT_BYTES", default=20 * 1024 * 1024)
# clamd:///path or clamd://host:port: looks at every paper before it is kept; none if empty.
SCANNER = env_text("QUANJI_SCANNER", "")
MAX_VERIFY_BYTES = env_int("QUANJI_MAX_VERIFY_BYTES", default=20 * 1024 * 1024)
