//! The function from request to reply.
//!
//! In: a request and the time. Out: what a client meets. The order is that of a real service:
//! credentials, then (scripted faults and) permission, then throttling, then the operation. It
//! must not know clocks, sockets, files, nor any operation's rules.

use bytes::Bytes;
use http::{Method, Request, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::answer::{self, Answer, Refusal};
use super::error::SandboxError;
use super::fault::{Effect, Fault, Met, Script, wildcard};
use super::kubernetes::{self, Watch};
use super::play::{self, Job};
use super::state::{State, uuid};
use super::wire::{Call, Service};
use super::world::World;
use super::{autoscaling, eks, route53, s3, seed, sts};

/// The version of the state that [`Sandbox::to_json`] writes.
const VERSION: u64 = 1;

/// What a client meets.
#[derive(Debug, Clone)]
pub enum Reply {
    /// An answer.
    Answer(Response<Bytes>),
    /// The answer, after that many milliseconds.
    Delay(u64, Response<Bytes>),
    /// Headers with the full length, half of the body (never empty), and then the end of the
    /// connection.
    Truncate(Response<Bytes>),
    /// The connection is closed without a byte.
    Drop,
    /// Nothing ever comes.
    Hang,
    /// Events come as they happen: [`Sandbox::more`] gives them.
    Watch(Box<Watch>),
}

impl Reply {
    /// The answer that a patient client reads whole.
    #[must_use]
    pub fn response(self) -> Option<Response<Bytes>> {
        match self {
            Self::Answer(response) | Self::Delay(_, response) => Some(response),
            Self::Truncate(_) | Self::Drop | Self::Hang | Self::Watch(_) => None,
        }
    }
}

/// What a handler knows about the request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visit<'a> {
    /// The request.
    pub(crate) call: &'a Call,
    /// The account that makes it.
    pub(crate) account: &'a str,
    /// The time, in milliseconds.
    pub(crate) now: i64,
    /// The id or name that it is about.
    pub(crate) resource: &'a str,
}

/// Carries out an operation.
pub(crate) type Operation = fn(&mut State, &Visit<'_>) -> Result<Answer, Refusal>;

/// The operation that a request turned out to be.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    name: &'static str,
    operation: Operation,
    resource: String,
}

impl Route {
    /// An operation of that name, about that resource.
    pub(crate) fn new(name: &'static str, operation: Operation, resource: &str) -> Self {
        Self {
            name,
            operation,
            resource: resource.to_owned(),
        }
    }
}

/// An AWS and its clusters in memory.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sandbox {
    version: u64,
    /// The digest of the world that it was made from.
    world: String,
    state: State,
    script: Script,
    calls: BTreeMap<String, u64>,
    requests: u64,
    #[serde(skip)]
    revision: u64,
}

impl Sandbox {
    /// A sandbox that holds what the world says.
    pub fn new(world: &World) -> Result<Self, SandboxError> {
        let mut sandbox = Self {
            version: VERSION,
            world: world.digest(),
            state: State::default(),
            script: Script::default(),
            calls: BTreeMap::new(),
            requests: 0,
            revision: 0,
        };
        sandbox.merge(world)?;
        Ok(sandbox)
    }

    /// Lays another world over this one, as somebody who changes things behind drsync's back:
    /// records and sub-resources are replaced one by one, `absent = true` removes. Nothing
    /// changes if the world is refused.
    pub fn merge(&mut self, world: &World) -> Result<(), SandboxError> {
        let mut state = self.state.clone();
        seed::merge(&mut state, world)?;
        self.state = state;
        for fault in &world.faults {
            self.script.push(fault.clone());
        }
        self.revision += 1;
        Ok(())
    }

    /// Adds a scripted fault.
    pub fn script(&mut self, fault: Fault) {
        self.script.push(fault);
        self.revision += 1;
    }

    /// How often each operation was called, as `route53:ListResourceRecordSets`.
    #[must_use]
    pub fn calls(&self) -> &BTreeMap<String, u64> {
        &self.calls
    }

    /// Grows when something changed that must be kept; counting calls is not.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The digest of the world that it was made from.
    pub(crate) fn world(&self) -> &str {
        &self.world
    }

    /// The whole state as text.
    pub fn to_json(&self) -> Result<String, SandboxError> {
        serde_json::to_string(self).map_err(SandboxError::State)
    }

    /// The state that [`Sandbox::to_json`] wrote.
    pub fn from_json(text: &str) -> Result<Self, SandboxError> {
        #[derive(Deserialize)]
        struct Head {
            version: u64,
        }
        let head: Head = serde_json::from_str(text).map_err(SandboxError::State)?;
        if head.version != VERSION {
            return Err(SandboxError::Version {
                found: head.version,
                expected: VERSION,
            });
        }
        serde_json::from_str(text).map_err(SandboxError::State)
    }

    /// Answers a request at a moment.
    pub fn handle(&mut self, now: Timestamp, request: Request<Bytes>) -> Reply {
        let now = now.as_millisecond();
        self.requests += 1;
        let id = uuid(&format!("request {}", self.requests));
        if kubernetes::claims(&request) {
            return self.cluster(now, request);
        }
        let head = request.method() == Method::HEAD;
        let call = match Call::read(request) {
            Ok(call) => call,
            Err((service, refusal)) => {
                let response = answer::failure(service, head, &id, &refusal);
                return self.late(Reply::Answer(response));
            }
        };
        let service = call.service;
        eks::step(&mut self.state, now);
        let refuse = |sandbox: &Self, refusal: &Refusal| {
            sandbox.late(Reply::Answer(answer::failure(service, head, &id, refusal)))
        };
        let account = match self.state.account_of(service, &call.access_key, now) {
            Ok(account) => account,
            Err(refusal) => return refuse(self, &refusal),
        };
        let route = match service {
            Service::Route53 => route53::route::route(&call),
            Service::S3 => s3::route::route(&call),
            Service::Sts => sts::route(&call),
            Service::Eks => eks::route(&call),
            Service::Autoscaling => autoscaling::route(&call),
        };
        let Some(route) = route else {
            return refuse(self, &unknown(&call));
        };
        let action = format!("{}:{}", service.name(), route.name);
        *self.calls.entry(action.clone()).or_default() += 1;
        let visit = Visit {
            call: &call,
            account: &account,
            now,
            resource: &route.resource,
        };
        let met = Met {
            service: service.name(),
            operation: route.name,
            account: &account,
            target: &call.target,
        };
        let (fault, counted) = self.script.meet(&met);
        self.revision += u64::from(counted);
        let job = AwsCall {
            visit,
            route: &route,
            action: &action,
            head,
            id: &id,
        };
        play::play(self, &job, fault.as_ref())
    }

    /// Answers a request for a cluster.
    fn cluster(&mut self, now: i64, request: Request<Bytes>) -> Reply {
        eks::step(&mut self.state, now);
        self.revision += u64::from(kubernetes::step(&mut self.state, now));
        let visit = match kubernetes::read(&self.state, now, request) {
            Ok(visit) => visit,
            Err(response) => return self.late(Reply::Answer(*response)),
        };
        let action = format!("kubernetes:{}", visit.operation);
        *self.calls.entry(action).or_default() += 1;
        let cluster = format!("{}/{}", visit.cluster.0, visit.cluster.1);
        let met = Met {
            service: "kubernetes",
            operation: &visit.operation,
            account: &cluster,
            target: &visit.target,
        };
        let (fault, counted) = self.script.meet(&met);
        self.revision += u64::from(counted);
        play::play(self, &ClusterCall { visit: &visit }, fault.as_ref())
    }

    /// What happened to a watch since it was last asked; nothing once it is over.
    pub fn more(&mut self, now: Timestamp, watch: &mut Watch) -> Option<Bytes> {
        let now = now.as_millisecond();
        eks::step(&mut self.state, now);
        self.revision += u64::from(kubernetes::step(&mut self.state, now));
        kubernetes::more(&self.state, now, watch)
    }

    /// Permission, throttling and the operation itself.
    fn perform(
        &mut self,
        visit: &Visit<'_>,
        route: &Route,
        action: &str,
    ) -> Result<Answer, Refusal> {
        let service = visit.call.service;
        let denied = self
            .state
            .accounts
            .get(visit.account)
            .is_some_and(|account| account.deny.iter().any(|pattern| wildcard(pattern, action)));
        if denied {
            return Err(Refusal::denied(service, visit.account, route.name));
        }
        if service == Service::Route53 && !self.state.take_request(visit.account, visit.now) {
            return Err(Refusal::throttled(service));
        }
        let result = (route.operation)(&mut self.state, visit);
        self.revision += u64::from(result.is_ok() && !visit.call.reads());
        result
    }

    /// The answer after the time that every call takes.
    pub(crate) fn late(&self, reply: Reply) -> Reply {
        match (self.state.behaviour.latency_ms, reply) {
            (0, reply) => reply,
            (latency, Reply::Answer(response)) => Reply::Delay(latency, response),
            (_, reply) => reply,
        }
    }
}

/// A call of an AWS service.
struct AwsCall<'a> {
    visit: Visit<'a>,
    route: &'a Route,
    action: &'a str,
    head: bool,
    id: &'a str,
}

impl AwsCall<'_> {
    fn finish(&self, result: Result<Answer, Refusal>) -> Response<Bytes> {
        let service = self.visit.call.service;
        match result {
            Ok(success) => answer::success(service, self.head, self.id, success),
            Err(refusal) => answer::failure(service, self.head, self.id, &refusal),
        }
    }
}

impl Job for AwsCall<'_> {
    fn reads(&self) -> bool {
        self.visit.call.reads()
    }

    fn refusal(&self, effect: Effect) -> Option<Response<Bytes>> {
        let service = self.visit.call.service;
        let refusal = refusal(effect, service, self.visit.account, self.route.name)?;
        Some(self.finish(Err(refusal)))
    }

    fn perform(&self, sandbox: &mut Sandbox) -> Reply {
        let result = sandbox.perform(&self.visit, self.route, self.action);
        Reply::Answer(self.finish(result))
    }

    fn stale(&self, sandbox: &Sandbox) -> Reply {
        let mut past = sandbox.state.before(&self.route.resource);
        Reply::Answer(self.finish((self.route.operation)(&mut past, &self.visit)))
    }
}

/// A call of a cluster.
struct ClusterCall<'a> {
    visit: &'a kubernetes::Visit,
}

impl Job for ClusterCall<'_> {
    fn reads(&self) -> bool {
        self.visit.reads()
    }

    fn refusal(&self, effect: Effect) -> Option<Response<Bytes>> {
        kubernetes::refusal(effect, self.visit)
    }

    fn perform(&self, sandbox: &mut Sandbox) -> Reply {
        let (reply, wrote) = kubernetes::perform(&mut sandbox.state, self.visit);
        sandbox.revision += u64::from(wrote);
        reply
    }

    fn stale(&self, sandbox: &Sandbox) -> Reply {
        kubernetes::stale(&sandbox.state, self.visit)
    }
}

/// The refusal of an effect that is one.
fn refusal(effect: Effect, service: Service, account: &str, operation: &str) -> Option<Refusal> {
    match effect {
        Effect::Throttle => Some(Refusal::throttled(service)),
        Effect::PriorRequestNotComplete => Some(route53::zones::busy()),
        Effect::Error500 => Some(Refusal::new(
            500,
            "InternalError",
            "We encountered an internal error. Please try again.",
        )),
        Effect::Error503 => Some(Refusal::new(
            503,
            "ServiceUnavailable",
            "The request has failed due to a temporary failure of the server.",
        )),
        Effect::AccessDenied => Some(Refusal::denied(service, account, operation)),
        Effect::ExpiredToken => Some(Refusal::expired(service)),
        _ => None,
    }
}

/// How each service answers what it does not know.
fn unknown(call: &Call) -> Refusal {
    match call.service {
        Service::S3 => Refusal::new(
            501,
            "NotImplemented",
            "A header you provided implies functionality that is not implemented",
        ),
        Service::Route53 | Service::Eks => Refusal::new(
            404,
            "UnknownOperationException",
            format!(
                "The sandbox has no operation {} {}",
                call.method, call.target
            ),
        ),
        Service::Sts | Service::Autoscaling => Refusal::new(
            400,
            "InvalidAction",
            "Could not find operation for this version",
        ),
    }
}
