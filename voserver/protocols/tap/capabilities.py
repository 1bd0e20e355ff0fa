"""`/tap/capabilities`: what this service can do, in TAPRegExt's words (TAP 1.1 §2.4, TAPRegExt 1.0 §2).

Nothing is listed here by hand that another module knows: the language's features come from the parser, the
formats from the serializers, the limits from the settings. So what is declared is what is done.
"""

from functools import lru_cache

from starlette.requests import Request
from starlette.responses import Response
from vo_models.tapregext.models import (
    DataLimit,
    DataLimits,
    DataModelType,
    Language,
    LanguageFeature,
    LanguageFeatureList,
    OutputFormat,
    TableAccess,
    TimeLimits,
    UploadMethod,
    Version,
)
from vo_models.voresource.models import Interface, SecurityMethod, WebBrowser

from voserver.protocols.authentication.challenges import BASIC, is_private
from voserver.protocols.capabilities import (
    STANDARDS,
    capabilities_response,
    capabilities_xml,
    capability,
    param_http,
    vosi,
)
from voserver.protocols.site import Site
from voserver.query.adql import language_features
from voserver.serializers import FORMATS, choose_format
from voserver.settings import Settings

_UPLOAD_METHODS = ("inline", "http", "https")


def _language(settings: Settings) -> Language:
    features = [
        LanguageFeatureList(
            type=kind,
            feature=[LanguageFeature(form=known.form, description=known.description) for known in forms],
        )
        for kind, forms in language_features(
            extended=settings.adql_extensions, resolving=bool(settings.resolver_url)
        ).items()
    ]
    versions = [Version(value=number, ivo_id=f"{STANDARDS}/ADQL#v{number}") for number in ("2.0", "2.1")]
    return Language(name="ADQL", version=versions, description="ADQL 2.0 and 2.1", language_features=features)


def _output_formats() -> list[OutputFormat]:
    formats = []
    for known in FORMATS:
        names = dict.fromkeys((*known.aliases, *known.asked_as))
        aliases = [
            name for name in names if name != known.media_type and choose_format(name, None).format is known
        ]
        formats.append(OutputFormat(mime=known.media_type, alias=aliases, ivo_id=known.ivo_id))
    return formats


def _interfaces(base: str, *, with_login: bool) -> list[Interface]:
    """Once for everybody and once for who signs in: an interface may have one securityMethod (VOResource 1.2)."""
    found: list[Interface] = [param_http(base, "base", role="std", version="1.1")]
    if with_login:
        again = param_http(base, "base", role="std", version="1.1")
        again.security_method = [SecurityMethod.model_validate({"standard_id": BASIC})]
        found.append(again)
    return found


def _table_access(base: str, settings: Settings, *, with_login: bool) -> TableAccess:
    limit = DataLimits(
        default=DataLimit(value=settings.default_maxrec, unit="row"),
        hard=DataLimit(value=settings.hard_maxrec, unit="row"),
    )
    upload_limit = DataLimits(  # each takes one unit, and there are limits in both
        default=DataLimit(value=settings.upload_bytes, unit="byte"),
        hard=DataLimit(value=settings.upload_rows, unit="row"),
    )
    return TableAccess(
        interface=_interfaces(base, with_login=with_login),
        data_model=[DataModelType(value="ObsCore-1.1", ivo_id=f"{STANDARDS}/ObsCore#core-1.1")],
        language=[_language(settings)],
        output_format=_output_formats(),
        upload_method=[
            UploadMethod(ivo_id=f"{STANDARDS}/TAPRegExt#upload-{name}") for name in _UPLOAD_METHODS
        ],
        # These two are of jobs (TAPRegExt 1.0 §2.6).
        retention_period=TimeLimits(default=settings.job_lifetime, hard=settings.job_lifetime),
        execution_duration=TimeLimits(default=settings.async_timeout, hard=settings.async_hard_timeout),
        output_limit=limit,
        upload_limit=upload_limit,
    )


@lru_cache(maxsize=16)
def tap_document(base_url: str, settings: Settings, *, with_login: bool = False) -> bytes:
    """The capabilities of TAP; `with_login` where one may sign in."""
    base = f"{base_url}/tap"
    examples = WebBrowser.model_validate({"access_url": [{"value": f"{base}/examples", "use": "full"}]})
    return capabilities_xml(
        base,
        vosi(base, "tables", "tables-1.1"),
        capability("DALI#examples", examples),
        _table_access(base, settings, with_login=with_login),
    )


async def capabilities(site: Site, request: Request) -> Response:
    """The capabilities document, as it is where this request came from."""
    with_login = is_private(request.scope, anywhere=site.settings.credentials_over_http)
    return await capabilities_response(
        site, request, lambda url: tap_document(url, site.settings, with_login=with_login)
    )
