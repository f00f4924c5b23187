//! Which operation a Route 53 request is.
//!
//! In: method and path. Out: the operation's name, its handler and the id that it is about.

use super::super::sandbox::Route;
use super::super::wire::Call;
use super::{change, health, listing, tags, zones};

/// The operation of a call; none if Route 53 has no such call, or the sandbox does not know it.
pub(crate) fn route(call: &Call) -> Option<Route> {
    let segments = call.segments();
    let ["2013-04-01", path @ ..] = segments.as_slice() else {
        return None;
    };
    let route = |name, handler, resource: &str| Some(Route::new(name, handler, resource));
    match (call.method.as_str(), path) {
        ("POST", ["hostedzone"]) => route("CreateHostedZone", zones::create, ""),
        ("GET", ["hostedzone"]) => route("ListHostedZones", listing::list, ""),
        ("GET", ["hostedzonesbyname"]) => route("ListHostedZonesByName", listing::list_by_name, ""),
        ("GET", ["hostedzonesbyvpc"]) => route("ListHostedZonesByVPC", listing::list_by_vpc, ""),
        ("GET", ["hostedzonecount"]) => route("GetHostedZoneCount", listing::count, ""),
        ("GET", ["accountlimit", _]) => route("GetAccountLimit", listing::account_limit, ""),
        ("GET", ["hostedzonelimit", id, _]) => route("GetHostedZoneLimit", listing::limit, id),
        ("GET", ["hostedzone", id]) => route("GetHostedZone", zones::get, id),
        ("DELETE", ["hostedzone", id]) => route("DeleteHostedZone", zones::delete, id),
        ("POST", ["hostedzone", id]) => route("UpdateHostedZoneComment", zones::comment, id),
        ("POST", ["hostedzone", id, "associatevpc"]) => {
            route("AssociateVPCWithHostedZone", zones::associate, id)
        }
        ("POST", ["hostedzone", id, "disassociatevpc"]) => {
            route("DisassociateVPCFromHostedZone", zones::disassociate, id)
        }
        ("POST", ["hostedzone", id, "rrset"]) => {
            route("ChangeResourceRecordSets", change::change, id)
        }
        ("GET", ["hostedzone", id, "rrset"]) => {
            route("ListResourceRecordSets", listing::list_records, id)
        }
        ("GET", ["change", id]) => route("GetChange", zones::get_change, id),
        ("POST", ["healthcheck"]) => route("CreateHealthCheck", health::create, ""),
        ("GET", ["healthcheck"]) => route("ListHealthChecks", health::list, ""),
        ("GET", ["healthcheckcount"]) => route("GetHealthCheckCount", health::count, ""),
        ("GET", ["healthcheck", id]) => route("GetHealthCheck", health::get, id),
        ("POST", ["healthcheck", id]) => route("UpdateHealthCheck", health::update, id),
        ("DELETE", ["healthcheck", id]) => route("DeleteHealthCheck", health::delete, id),
        ("GET", ["healthcheck", id, "status"]) => route("GetHealthCheckStatus", health::status, id),
        ("GET", ["tags", _, id]) => route("ListTagsForResource", tags::list, id),
        ("POST", ["tags", _, id]) => route("ChangeTagsForResource", tags::change, id),
        ("POST", ["tags", _]) => route("ListTagsForResources", tags::list_many, ""),
        _ => None,
    }
}
