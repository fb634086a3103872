"""Django settings; what an operator may change comes from ``config.environment``."""

import tomllib
from datetime import timedelta

from csp.constants import NONE, SELF

from config.beat import SCHEDULE
from config.environment import BASE_DIR, Environment
from config.queues import QUEUES, ROUTES

_environment = Environment()

### The machine

VAR_DIR = _environment.var
DEBUG = _environment.debug
SECRET_KEY = _environment.secret_key
FIELD_KEYS_FILE = _environment.field_keys  # opens the encrypted columns; belongs to every backup
CRYPTO_SUITE = _environment.crypto  # international (AES, SHA-256) or sm (SM4, SM3)
ALLOWED_HOSTS = _environment.hosts
BASE_URL = _environment.base_url  # address printed in QR codes; empty: the address of the request
DATABASES = {"default": _environment.database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
WSGI_APPLICATION = "config.wsgi.application"
ROOT_URLCONF = "config.urls"

### The product

VERSION = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]
JOB_LEASE_SECONDS = 30  # a worker silent for so long is taken for dead
JOB_ATTEMPTS = 3  # then the job is shown as failed
JOB_FILE_HOURS = 72  # how long a finished export can be fetched
SLIP_FILE_HOURS = 24  # slips carry live codes, so they stay a shorter time
UPLOAD_MAX_BYTES = 10 * 1024 * 1024
EXPORT_MAX_ROWS = 100_000  # beyond it an export is refused, never cut
PAGE_SIZE = 20
PAGE_SPAN = 5_000  # rows that one page looks through for those that fit
CALENDAR_SECONDS = 30  # within so long a change of the calendar acts in every process
AUDIT_HASH = "sm3" if CRYPTO_SUITE == "sm" else "sha256"
AUDIT_HEADS_FILE = _environment.audit_heads  # the ends of the audit chain, outside the database

### Reminders

TELLING_HOURS = _environment.telling_hours  # people are told on working days, between these
TELLING_LEASE_SECONDS = 300  # a worker silent for so long is taken for dead
TARGET_TAKEN_DAYS = 3  # for so long a target is one visitor's
EXTENSIONS_AT_MOST = 2  # of one item's deadline
LIGHT_YELLOW_DAYS = 3  # working days left from which a deadline shows yellow
WEBHOOKS_INSIDE: bool = _environment.webhooks_inside  # whether robots may stand in the own network
DEFAULT_FROM_EMAIL = _environment.email_from
_mail = _environment.mail()
EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.scheme == "smtp+tls", _mail.scheme == "smtps"
EMAIL_TIMEOUT = 10

### Packages

INSTALLED_APPS = [
    "core",
    "organisation",
    "campaign",
    "visits",
    "issues",
    "evaluations",
    "reports",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "django_htmx",
    "axes",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "core.middleware.TrustedProxies",  # first: all others believe what it leaves standing
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "core.middleware.NoStoreMiddleware",
    "core.middleware.PlainRequestMiddleware",  # those above mark its refusals too
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "core.middleware.AuditOriginMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "organisation.middleware.SignInMiddleware",
    "axes.middleware.AxesMiddleware",
]

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
                "reports.context.navigation",
            ],
            "builtins": ["core.templatetags.bianfang"],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

### Language and time

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True  # Django's own messages in Chinese; ours stand in the templates
USE_TZ = True
DATE_FORMAT = "Y年n月j日"
FORMAT_MODULE_PATH = ["config.formats"]

### People

AUTH_USER_MODEL = "organisation.User"
LOGIN_URL = "organisation:login"
LOGIN_REDIRECT_URL = "reports:home"
LOGOUT_REDIRECT_URL = "organisation:login"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "core.hashers.InitialPasswordHasher",  # until the first sign-in (docs/decisions/011)
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "organisation.passwords.PasswordBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "organisation.passwords.LikenessValidator",
        "OPTIONS": {"user_attributes": ("username", "name")},
    },
    {"NAME": "organisation.passwords.LengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "organisation.passwords.MaximumLengthValidator"},
    {"NAME": "organisation.passwords.CommonValidator"},
    {"NAME": "organisation.passwords.GuessableValidator"},
    {"NAME": "organisation.passwords.PolicyValidator"},
]
PASSWORD_WORDS = _environment.password_words  # names of the place, as people would type them
SECOND_STEP_SECONDS = 5 * 60  # between the password and the one-time code
PROOF_SECONDS = 10 * 60  # how long a password lasts for acts that ask for it again

### Guessing of passwords: five failures of a name from a network, then a pause

AXES_HANDLER = "organisation.throttle.ThrottleHandler"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "organisation.throttle.network_of"
AXES_USERNAME_CALLABLE = "organisation.throttle.name_key"
AXES_CLIENT_STR_CALLABLE = "organisation.throttle.nobody"
AXES_LOCKOUT_CALLABLE = "organisation.throttle.keep_answer"
AXES_FAILURE_LIMIT = "organisation.throttle.failure_limit"
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

### Files

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
MEDIA_ROOT = VAR_DIR / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

### The browser

SESSION_ENGINE = "organisation.sessions"
SESSION_COOKIE_AGE = 24 * 3600  # the longest that a policy may allow; the policy ends it sooner
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "core.views.form_expired"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
TRUSTED_PROXIES = _environment.proxies  # whose X-Forwarded-… headers are believed
USE_X_FORWARDED_HOST = bool(TRUSTED_PROXIES)
if _environment.https:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

### The queue

CELERY_BROKER_URL = _environment.redis_url or "filesystem://localhost"  # Kombu warns without a host
# How long Redis waits for a worker that has fetched a message before another one gets it. It
# has to stand in three places; the folder queue knows no such time.
CELERY_VISIBILITY_TIMEOUT = _environment.visibility_seconds
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
    "visibility_timeout": CELERY_VISIBILITY_TIMEOUT
}
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {"visibility_timeout": CELERY_VISIBILITY_TIMEOUT}
if not _environment.redis_url:
    _broker = VAR_DIR / "broker"
    CELERY_BROKER_TRANSPORT_OPTIONS |= {
        "data_folder_in": str(_broker / "queue"),
        "data_folder_out": str(_broker / "queue"),
        "control_folder": str(_broker / "control"),
        "polling_interval": 0.25,
    }
CELERY_TASK_QUEUES = QUEUES
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = ROUTES
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = CELERY_EVENT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = CELERY_RESULT_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True  # tasks may run twice; they must not get lost
CELERY_TASK_REJECT_ON_WORKER_LOST = True  # a killed process gives its message back (decision 014)
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE = SCHEDULE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat")

### The log

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "core.logs.OneLineFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.security.DisallowedHost": {"level": "ERROR"},
        "django.request": {"level": "ERROR"},  # a mistyped address of a rater leaves no line
        "axes": {"level": "ERROR"},  # the audit trail says who was refused
        "apprise": {"level": "CRITICAL"},  # its lines hold addresses
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
    },
}
