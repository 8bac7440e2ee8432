"""The SOAP login of older clients: the one SOAP call that sign-in by password needs."""

import re
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from integrations.simulation.messages import Request, Response

from .org import Org
from .organization import ORG_ID

LAST_VERSION_WITH_LOGIN = 64.0
_XML = "text/xml;charset=UTF-8"
_NAMESPACE = "urn:partner.soap.sforce.com"
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns="urn:partner.soap.sforce.com" xmlns:sf="urn:fault.partner.soap.sforce.com"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>{}</soapenv:Body></soapenv:Envelope>'
)
_FAULT = (
    "<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {message}</faultstring><detail>"
    '<sf:{kind} xsi:type="sf:{kind}"><sf:exceptionCode>{code}</sf:exceptionCode>'
    "<sf:exceptionMessage>{message}</sf:exceptionMessage></sf:{kind}></detail></soapenv:Fault>"
)
_RESULT = (
    "<loginResponse><result><metadataServerUrl>{instance}/services/Soap/m/{version}/{org}</metadataServerUrl>"
    "<passwordExpired>false</passwordExpired><sandbox>false</sandbox><serverUrl>{instance}/services/Soap/u/{version}/{org}</serverUrl>"
    "<sessionId>{session}</sessionId><userId>{user}</userId><userInfo><organizationId>{org}</organizationId>"
    "<sessionSecondsValid>{seconds}</sessionSecondsValid><userId>{user}</userId><userName>{name}</userName></userInfo>"
    "</result></loginResponse>"
)


def soap(org: Org, request: Request, version: str) -> Response:
    if re.search(rb"<!(?:DOCTYPE|ENTITY)", request.body):
        return _fault("INVALID_SOAP", "DTD is not supported")
    try:
        body = ET.fromstring(request.body)  # noqa: S314  without a DTD there is no entity to expand
    except ET.ParseError as error:
        return _fault("INVALID_SOAP", str(error))
    if body.find(f".//{{{_NAMESPACE}}}logout") is not None:
        session = body.findtext(f".//{{{_NAMESPACE}}}sessionId") or ""
        org.grants.revoke_token(session)
        return Response(_ENVELOPE.format("<logoutResponse/>"), content_type=_XML)
    login = body.find(f".//{{{_NAMESPACE}}}login")
    if login is None:
        return _fault("INVALID_OPERATION", "Only login and logout are served here")
    name = login.findtext(f"{{{_NAMESPACE}}}username") or ""
    secret = login.findtext(f"{{{_NAMESPACE}}}password") or ""
    return _login(org, request, version, name, secret)


def _login(org: Org, request: Request, version: str, name: str, secret: str) -> Response:
    if float(version) > LAST_VERSION_WITH_LOGIN:
        return _fault(
            "UNSUPPORTED_API_VERSION", f"login() is not available in API version {version}", "UnexpectedErrorFault"
        )
    if org.faults.api_disabled:
        return _fault("API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner")
    if refusal := refusal_of(org, name, secret):
        return _fault(*refusal)
    result = _RESULT.format(
        instance=escape(org.instance(request)), version=version, org=ORG_ID, session=escape(org.open_session()),
        user=org.user_id(), name=escape(name), seconds=org.faults.session_seconds,
    )  # fmt: skip
    return Response(_ENVELOPE.format(result), content_type=_XML)


_APPEND_IT = (
    "Invalid username, password, security token; or user locked out. When accessing Salesforce from outside of your "
    "company's trusted networks, you must append a security token to your password."
)


def refusal_of(org: Org, name: str, secret: str) -> tuple[str, str] | None:
    wrong = ("INVALID_LOGIN", "Invalid username, password, security token; or user locked out.")
    if name.lower() != org.credentials.username.lower():
        return wrong
    if org.faults.password_expired:
        return "INVALID_OPERATION_WITH_EXPIRED_PASSWORD", "The users password has expired, you must call SetPassword"
    if secret == org.password():
        return None
    if secret == org.credentials.password and org.password().startswith(secret):
        return "LOGIN_MUST_USE_SECURITY_TOKEN", _APPEND_IT
    return wrong


def _fault(code: str, message: str, kind: str = "LoginFault") -> Response:
    content = _FAULT.format(code=code, message=escape(message), kind=kind)
    return Response(_ENVELOPE.format(content), 500, content_type=_XML)
