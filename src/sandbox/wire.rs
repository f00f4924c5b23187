//! Reads what all three protocols have in common out of a request.
//!
//! In: an HTTP request. Out: a [`Call`]: service and region of the credential scope, the access key,
//! path segments, query and body. It must not know any operation, account or object.

use bytes::Bytes;
use http::{Method, Request};

use super::answer::Refusal;
use super::xml::Element;

/// The services of this sandbox, as they are named in a credential scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// Route 53, REST-XML 2013-04-01.
    Route53,
    /// S3 bucket configuration, REST-XML 2006-03-01.
    S3,
    /// STS, the query protocol of 2011-06-15.
    Sts,
    /// EKS, REST-JSON 2017-11-01.
    Eks,
    /// EC2 Auto Scaling, the query protocol of 2011-01-01.
    Autoscaling,
}

impl Service {
    /// The name in a scope, in fault scripts and in call counts.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Route53 => "route53",
            Self::S3 => "s3",
            Self::Sts => "sts",
            Self::Eks => "eks",
            Self::Autoscaling => "autoscaling",
        }
    }

    /// The namespace of its documents.
    pub(crate) fn namespace(self) -> &'static str {
        match self {
            Self::Route53 => "https://route53.amazonaws.com/doc/2013-04-01/",
            Self::S3 => "http://s3.amazonaws.com/doc/2006-03-01/",
            Self::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
            Self::Autoscaling => "http://autoscaling.amazonaws.com/doc/2011-01-01/",
            Self::Eks => "",
        }
    }

    /// The type of its documents.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Route53 | Self::Sts | Self::Autoscaling => "text/xml",
            Self::Eks => "application/json",
            Self::S3 => "application/xml",
        }
    }
}

/// A request, read.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// The service of the credential scope.
    pub(crate) service: Service,
    /// The region of the credential scope.
    pub(crate) region: String,
    /// The access key; which account it belongs to is for the state to say.
    pub(crate) access_key: String,
    /// The HTTP method.
    pub(crate) method: Method,
    /// The path and query as sent, for fault scripts.
    pub(crate) target: String,
    /// The decoded segments of the path, without empty ones.
    pub(crate) path: Vec<String>,
    /// The decoded query.
    pub(crate) query: Vec<(String, String)>,
    /// The headers.
    pub(crate) headers: http::HeaderMap,
    /// The body.
    pub(crate) body: Bytes,
}

impl Call {
    /// Reads a request, or says how the service refuses one without usable credentials.
    pub(crate) fn read(request: Request<Bytes>) -> Result<Self, (Service, Refusal)> {
        let (parts, body) = request.into_parts();
        let target = parts
            .uri
            .path_and_query()
            .map_or("/", |target| target.as_str())
            .to_owned();
        let query = form(parts.uri.query().unwrap_or_default());
        let path: Vec<String> = parts
            .uri
            .path()
            .split('/')
            .filter(|part| !part.is_empty())
            .map(decode)
            .collect();
        let authorization = parts
            .headers
            .get(http::header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let scope = authorization
            .split_once("Credential=")
            .map(|(_, rest)| rest.split([',', ' ']).next().unwrap_or_default())
            .map(|scope| scope.split('/').collect::<Vec<_>>());
        let Some([access_key, _date, region, service, "aws4_request"]) = scope.as_deref() else {
            return Err(unsigned(&path));
        };
        let service = match *service {
            "route53" => Service::Route53,
            "s3" => Service::S3,
            "sts" => Service::Sts,
            "eks" => Service::Eks,
            "autoscaling" => Service::Autoscaling,
            other => {
                let message = format!("The sandbox has no service {other}");
                return Err((Service::S3, Refusal::new(501, "NotImplemented", message)));
            }
        };
        Ok(Self {
            service,
            region: (*region).to_owned(),
            access_key: (*access_key).to_owned(),
            method: parts.method,
            target,
            path,
            query,
            body,
            headers: parts.headers.clone(),
        })
    }

    /// The value of a query parameter that is there.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The value of a query parameter that is there and not empty.
    pub(crate) fn given(&self, name: &str) -> Option<&str> {
        self.param(name).filter(|value| !value.is_empty())
    }

    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The path segments as borrowed text, for matching.
    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }

    /// The body as a document.
    pub(crate) fn document(&self) -> Result<Element, String> {
        let text = std::str::from_utf8(&self.body).map_err(|error| error.to_string())?;
        Element::parse(text)
    }

    /// True if the call only reads.
    pub(crate) fn reads(&self) -> bool {
        let looks = self.service == Service::Autoscaling
            && String::from_utf8_lossy(&self.body).contains("Action=Describe");
        looks || self.method == Method::GET || self.method == Method::HEAD
    }
}

/// How the service that the path points to refuses an unsigned request.
fn unsigned(path: &[String]) -> (Service, Refusal) {
    let message = "Request is missing Authentication Token";
    match path.first().map(String::as_str) {
        Some("2013-04-01") => (
            Service::Route53,
            Refusal::new(403, "MissingAuthenticationToken", message),
        ),
        None => (
            Service::Sts,
            Refusal::new(403, "MissingAuthenticationToken", message),
        ),
        Some(_) => (
            Service::S3,
            Refusal::new(403, "AccessDenied", "Access Denied"),
        ),
    }
}

/// Decodes `a=b&c`, where `+` is a blank.
pub(crate) fn form(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (
                decode(&key.replace('+', " ")),
                decode(&value.replace('+', " ")),
            )
        })
        .collect()
}

/// Decodes `%xx`; what is not a valid escape stays as it is.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(escaped.unwrap_or(bytes[at]));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(authorization: &str) -> Request<Bytes> {
        Request::get("/2013-04-01/hostedzone?name=%5C052.a%2B&x&plus=a+b")
            .header("authorization", authorization)
            .body(Bytes::new())
            .unwrap()
    }

    #[test]
    fn scope_path_and_query_are_read() {
        let call = Call::read(request(
            "AWS4-HMAC-SHA256 Credential=111111111111/20261124/eu-west-1/route53/aws4_request, SignedHeaders=host, Signature=0",
        ))
        .unwrap();
        assert_eq!(call.service, Service::Route53);
        assert_eq!(
            (call.access_key.as_str(), call.region.as_str()),
            ("111111111111", "eu-west-1")
        );
        assert_eq!(call.param("name"), Some("\\052.a+"));
        assert_eq!(call.param("plus"), Some("a b"));
        assert_eq!((call.param("x"), call.given("x")), (Some(""), None));
        assert_eq!(call.segments(), ["2013-04-01", "hostedzone"]);
    }

    #[test]
    fn unusable_credentials_are_refused() {
        for (authorization, code) in [
            ("", "MissingAuthenticationToken"),
            ("Bearer x", "MissingAuthenticationToken"),
            (
                "AWS4-HMAC-SHA256 Credential=a/b/c",
                "MissingAuthenticationToken",
            ),
            (
                "AWS4-HMAC-SHA256 Credential=a/d/r/sqs/aws4_request",
                "NotImplemented",
            ),
        ] {
            assert_eq!(Call::read(request(authorization)).unwrap_err().1.code, code);
        }
    }
}
