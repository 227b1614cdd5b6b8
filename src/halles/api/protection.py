"""The settings that say who may come in, and how much of them is taken."""

from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit

from limits import RateLimitItem, parse
from pydantic import AfterValidator, Field, HttpUrl

from halles.model import Model, Problem, Problems, Role

LOOPBACK_NAMES = ("localhost", "ip6-localhost", "ip6-loopback")


def loopback(host: str) -> bool:
    """Whether a host name or address can only mean this machine."""
    try:
        return ip_address(host.strip("[]").partition("%")[0]).is_loopback
    except ValueError:
        return host.lower().rstrip(".") in LOOPBACK_NAMES


def _limit(text: str) -> str:
    limit(text)
    return text


def _pairs(text: str) -> str:
    for pair in filter(None, text.split(",")):
        Role(pair.partition("=")[2].strip())
    return text


RateLimit = Annotated[str, AfterValidator(_limit)]


class Protection(Model):
    """What an operator decides about access. Each field is the environment variable that is its alias."""

    host: str = Field(default="127.0.0.1", alias="HALLES_HOST", description="address to listen on")
    login: Literal["auto", "required"] = Field(
        default="auto", alias="HALLES_LOGIN",
        description="`auto` asks for a login except on loopback, `required` asks there too, as behind a proxy",
    )  # fmt: skip
    public_url: Annotated[str, AfterValidator(lambda url: url and str(HttpUrl(url)).rstrip("/"))] = Field(
        default="", alias="HALLES_PUBLIC_URL", description="where people and services reach this server"
    )
    allowed_hosts: str = Field(
        default="", alias="HALLES_ALLOWED_HOSTS", description="further names, with commas, that the server answers to"
    )
    oidc_issuer: str = Field(default="", alias="HALLES_OIDC_ISSUER", description="URL of an OpenID Connect provider")
    oidc_client_id: str = Field(default="", alias="HALLES_OIDC_CLIENT_ID", description="what it calls this server")
    oidc_client_secret: str = Field(default="", alias="HALLES_OIDC_CLIENT_SECRET", description="shared with it")
    oidc_role_claim: str = Field(
        default="", alias="HALLES_OIDC_ROLE_CLAIM", description="claim that names roles, such as `realm_access.roles`"
    )
    oidc_roles: Annotated[str, AfterValidator(_pairs)] = Field(
        default="", alias="HALLES_OIDC_ROLES", description="their roles here: `hall-admins=operator,staff=author`"
    )
    default_role: Role = Field(
        default=Role.runner, alias="HALLES_DEFAULT_ROLE", description="role of an account that a first login makes"
    )
    session_hours: float = Field(
        default=12.0, gt=0, alias="HALLES_SESSION_HOURS", description="hours until a browser signs in again"
    )
    rate_limit: RateLimit = Field(
        default="1200/minute", alias="HALLES_RATE_LIMIT", description="requests of an account; `none`: any number"
    )
    rate_limit_address: RateLimit = Field(
        default="6000/minute", alias="HALLES_RATE_LIMIT_ADDRESS", description="requests from an address"
    )
    rate_limit_failures: RateLimit = Field(
        default="10/minute", alias="HALLES_RATE_LIMIT_FAILURES", description="wrong credentials from an address"
    )
    max_body_bytes: int = Field(
        default=8 << 20,
        ge=1024,
        alias="HALLES_MAX_BODY_BYTES",
        description="larger requests that are no uploads are refused",
    )

    audit_days: float = Field(
        default=365.0, gt=0, alias="HALLES_AUDIT_DAYS", description="days that the audit log is kept"
    )

    def check(self) -> None:
        """Raises `Problems` for what is wrong with several settings together."""
        wrong = []
        if self.oidc_issuer:
            issuer = urlsplit(self.oidc_issuer)
            if not self.oidc_client_id:
                wrong.append("HALLES_OIDC_ISSUER needs HALLES_OIDC_CLIENT_ID, the name of this server at the provider")
            if issuer.scheme != "https" and not (issuer.scheme == "http" and loopback(issuer.hostname or "")):
                wrong.append(f"HALLES_OIDC_ISSUER is `{self.oidc_issuer}`, but must be an https:// URL")
        if wrong:
            raise Problems([Problem(code="bad-setting", message=f"{what}.") for what in wrong])

    @property
    def login_required(self) -> bool:
        """Whether nobody is let in without a proof of who they are."""
        return self.login == "required" or bool(self.oidc_issuer) or not loopback(self.host)

    @property
    def roles(self) -> dict[str, Role]:
        """What the provider's names of roles are here."""
        pairs = (pair.partition("=") for pair in self.oidc_roles.split(",") if pair)
        return {name.strip(): Role(role.strip()) for name, _, role in pairs}

    @property
    def hosts(self) -> tuple[str, ...]:
        """The further names that the server answers to."""
        named = [name.strip().lower() for name in self.allowed_hosts.split(",") if name.strip()]
        return (*named, *([str(HttpUrl(self.public_url).host)] if self.public_url else []))


def limit(text: str) -> RateLimitItem | None:
    """A rate limit as it is written in a setting; None for `none`."""
    return None if text == "none" else parse(text)
