//! Which operation an S3 request is.
//!
//! In: method, path and query. Out: the operation's name, its handler and the bucket. Objects are
//! not part of the sandbox.

use super::super::sandbox::Route;
use super::super::wire::Call;
use super::{bucket, settings};

/// The operation of a call; none if the sandbox does not know it.
pub(crate) fn route(call: &Call) -> Option<Route> {
    let segments = call.segments();
    let method = call.method.as_str();
    let name = match segments.as_slice() {
        [] if method == "GET" => return Some(Route::new("ListBuckets", bucket::list, "")),
        [name] => *name,
        _ => return None,
    };
    if let Some(sub) = settings::of(call) {
        return match method {
            "GET" => Some(Route::new(sub.get, settings::get, name)),
            "PUT" => Some(Route::new(sub.put, settings::put, name)),
            "DELETE" => sub
                .delete
                .map(|delete| Route::new(delete, settings::delete, name)),
            _ => None,
        };
    }
    let plain = call.query.iter().all(|(key, _)| key == "x-id");
    match method {
        "HEAD" if plain => Some(Route::new("HeadBucket", bucket::head, name)),
        "PUT" if plain => Some(Route::new("CreateBucket", bucket::create, name)),
        "DELETE" if plain => Some(Route::new("DeleteBucket", bucket::delete, name)),
        "GET" if call.param("location").is_some() => {
            Some(Route::new("GetBucketLocation", bucket::location, name))
        }
        _ => None,
    }
}
