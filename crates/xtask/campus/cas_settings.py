"""django-cas-server for one institution. CAS_DIR, CAS_INST, CAS_LDAP and CAS_CA come from the environment."""

import os

FOLDER = os.environ["CAS_DIR"]
INSTITUTION = os.environ["CAS_INST"]

SECRET_KEY = f"campus-test-{INSTITUTION}"
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "cas_urls"
STATIC_URL = "/static/"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
# A browser keeps cookies by host and not by port: two servers on one host need two names.
SESSION_COOKIE_NAME = f"casid_{INSTITUTION}"
CSRF_COOKIE_NAME = f"cascsrf_{INSTITUTION}"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "cas_server",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.locale.LocaleMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": f"{FOLDER}/cas.sqlite3",
        "OPTIONS": {"timeout": 20},
    }
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"file": {"class": "logging.FileHandler", "filename": f"{FOLDER}/cas.log"}},
    "loggers": {
        "cas_server": {"handlers": ["file"], "level": "INFO"},
        "django.request": {"handlers": ["file"], "level": "ERROR"},
    },
}

CAS_AUTH_CLASS = "cas_server.auth.LdapAuthUser"
CAS_LDAP_SERVER = os.environ["CAS_LDAP"]
CAS_LDAP_USER = f"cn=sso,ou=services,dc={INSTITUTION},dc=test"
CAS_LDAP_PASSWORD = "svc-sso"
CAS_LDAP_BASE_DN = f"ou=people,dc={INSTITUTION},dc=test"
CAS_LDAP_USER_QUERY = "(|(uid=%(username)s)(supannAliasLogin=%(username)s))"
CAS_LDAP_PASSWORD_CHECK = "bind"
CAS_LDAP_ATTRS_VIEW = 0
# The pgtUrl call-back is made over TLS that the campus's own authority signed.
CAS_PROXY_CA_CERTIFICATE_PATH = os.environ["CAS_CA"]
# Nothing is fetched from the network: no look for updates, no style sheets from elsewhere.
CAS_NEW_VERSION_HTML_WARNING = CAS_NEW_VERSION_EMAIL_WARNING = False
CAS_COMPONENT_URLS = {"bootstrap4_css": "", "bootstrap4_js": "", "jquery": "", "fontawesome": ""}
CAS_LOGO_URL = CAS_FAVICON_URL = None
CAS_SHOW_POWERED = False
