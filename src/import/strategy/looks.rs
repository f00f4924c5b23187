//! What the columns and headings of each form of table may be called.
//!
//! In: nothing. Out: [`LOOKS`]. Words in lower case, without signs.

use super::forms::Form;

/// What tables of one form look like.
pub(super) struct Look {
    pub(super) form: Form,
    /// Each field with what its column may be called, parted by bars, the surest first.
    pub(super) fields: &'static [(&'static str, &'static str)],
    /// Groups of fields; one of each group must be there.
    pub(super) required: &'static [&'static [&'static str]],
    /// Words in the headings above that speak for the form.
    pub(super) headings: &'static [&'static str],
}

const EVERY: &str = "frequency|cadence|how often|interval|schedule|every|when|recurrence";
const DURATION: &str = "duration|length|takes|estimated time|estimate|time";
const CONTACT: &str = "contact|phone|email|e mail|mobile|slack|telephone|pager";

pub(super) static LOOKS: &[Look] = &[
    Look {
        form: Form::Tiers,
        fields: &[
            (
                "tier",
                "tier|service class|priority class|level|class|criticality",
            ),
            (
                "components",
                "components|services|systems|applications|members|includes|examples",
            ),
            (
                "rto",
                "rto|recovery time objective|recovery time|restore within|back within",
            ),
            (
                "rpo",
                "rpo|recovery point objective|recovery point|data loss|max data loss|maximum data loss",
            ),
            (
                "mtd",
                "mtd|mtpd|maximum tolerable downtime|maximum tolerable outage",
            ),
            ("description", "description|meaning|notes"),
        ],
        required: &[&["tier"], &["rto", "rpo"]],
        headings: &["tier", "objective", "rto", "rpo", "class"],
    },
    Look {
        form: Form::Components,
        fields: &[
            (
                "component",
                "component|service|system|application|workload|asset|name|what",
            ),
            (
                "tier",
                "tier|recovery priority|priority|criticality|class|importance",
            ),
            (
                "rto",
                "rto|recovery time objective|recovery time|restore within|back within",
            ),
            (
                "rpo",
                "rpo|recovery point objective|recovery point|data loss",
            ),
            ("depends_on", "depends on|dependencies|needs|requires"),
            ("owner", "owner|team|responsible"),
            ("size", "size|data volume|volume"),
            (
                "description",
                "description|purpose|what it does|notes|comment",
            ),
        ],
        required: &[
            &["component"],
            &[
                "tier",
                "rto",
                "rpo",
                "depends_on",
                "owner",
                "size",
                "description",
            ],
        ],
        headings: &[
            "scope",
            "component",
            "service",
            "inventory",
            "system",
            "dependenc",
        ],
    },
    Look {
        form: Form::Backups,
        fields: &[
            (
                "component",
                "component|system|data|database|service|source|asset|what|application",
            ),
            (
                "method",
                "type|method|backup type|kind|mechanism|how|technique",
            ),
            ("every", EVERY),
            (
                "retention",
                "retention|retained|kept for|kept|keep|retention period",
            ),
            ("window", "window|point in time|pitr"),
            ("locations", "location|destination|stored|where|target"),
            ("duration", "duration|takes"),
            ("copy_lag", "copy lag|replication lag|lag"),
            ("size", "size|volume"),
        ],
        required: &[
            &["component"],
            &["every", "retention"],
            &["method", "every"],
        ],
        headings: &["backup", "protection", "retention"],
    },
    Look {
        form: Form::Locations,
        fields: &[
            ("component", "backup|component|data|system|what|service"),
            (
                "primary",
                "primary storage|primary copy|primary location|primary|first copy|main copy",
            ),
            (
                "secondary",
                "secondary storage|secondary copy|secondary location|secondary|second copy|offsite|off site|copy",
            ),
        ],
        required: &[&["component"], &["primary"], &["secondary"]],
        headings: &["location", "storage", "where"],
    },
    Look {
        form: Form::Verifications,
        fields: &[
            ("check", "verification|check|validation|control"),
            ("every", EVERY),
            ("procedure", "procedure|method|how|means"),
        ],
        required: &[&["check"], &["every"]],
        headings: &["verification", "validation", "verify"],
    },
    Look {
        form: Form::Failovers,
        fields: &[
            ("name", "failover type|type|scenario|mode|kind|failover"),
            ("trigger", "trigger|cause|triggered by|starts when|when"),
            (
                "automation",
                "automation|automated|executed by|execution|how",
            ),
            (
                "downtime",
                "downtime|outage|interruption|expected downtime|max downtime|duration",
            ),
        ],
        required: &[&["name"], &["downtime"], &["trigger", "automation"]],
        headings: &["failover", "switch", "scenario"],
    },
    Look {
        form: Form::Capacities,
        fields: &[
            ("resource", "resource|item|capacity|what|dimension"),
            (
                "primary",
                "primary site|primary|production|prod|main site|main",
            ),
            (
                "dr",
                "dr site|dr|recovery site|standby|secondary|backup site|failover site",
            ),
            ("note", "notes|note|comment|remarks|remark"),
        ],
        required: &[&["resource"], &["primary"], &["dr"]],
        headings: &["infrastructure", "parity", "capacity", "site", "sizing"],
    },
    Look {
        form: Form::Network,
        fields: &[
            ("requirement", "requirement|parameter|property|item|what"),
            ("specification", "specification|value|target|limit|needed"),
        ],
        required: &[&["requirement"], &["specification"]],
        headings: &["network", "connectivity", "link"],
    },
    Look {
        form: Form::Exercises,
        fields: &[
            (
                "test",
                "test|exercise|drill|test type|exercise type|activity",
            ),
            ("every", EVERY),
            ("scope", "scope|covers|what|coverage"),
            ("duration", DURATION),
        ],
        required: &[&["test"], &["every"]],
        headings: &["test", "exercise", "drill"],
    },
    Look {
        form: Form::Criteria,
        fields: &[
            (
                "metric",
                "metric|criterion|success criterion|measure|indicator|kpi",
            ),
            ("target", "target|goal|threshold|wanted|pass when"),
        ],
        required: &[&["metric"], &["target"]],
        headings: &["success", "criteria", "acceptance"],
    },
    Look {
        form: Form::Messages,
        fields: &[
            ("event", "event|situation|milestone|trigger|when"),
            ("audience", "notify|audience|recipients|who|to|tell"),
            ("channels", "channel|channels|via|medium|by|how"),
            ("template", "template|message|text"),
            (
                "within",
                "timing|deadline|within|how soon|time limit|no later than",
            ),
        ],
        required: &[
            &["event"],
            &["audience"],
            &["channels", "template", "within"],
        ],
        headings: &["communication", "notification", "message"],
    },
    Look {
        form: Form::Roles,
        fields: &[
            ("role", "role|function|position|duty"),
            (
                "primary",
                "primary|lead|holder|person|assigned to|name|first",
            ),
            (
                "backup",
                "backup|deputy|alternate|stand in|substitute|second",
            ),
            (
                "responsibility",
                "responsibility|responsibilities|duties|does|tasks",
            ),
        ],
        required: &[&["role"], &["primary"]],
        headings: &["role", "responsib", "people", "team"],
    },
    Look {
        form: Form::People,
        fields: &[
            ("person", "name|person|who"),
            ("role", "role|function|position"),
            ("contact", CONTACT),
            ("contact", CONTACT),
            ("contact", CONTACT),
        ],
        required: &[&["person"], &["contact"]],
        headings: &["contact", "people", "on call"],
    },
    Look {
        form: Form::Vendors,
        fields: &[
            ("vendor", "vendor|supplier|provider|company"),
            ("provides", "provides|service|product|what"),
            ("contact", CONTACT),
            ("contact", CONTACT),
            ("contract", "contract|account|customer number"),
            ("answers_within", "answers within|response time|sla"),
        ],
        required: &[&["vendor"], &["provides", "contact"]],
        headings: &["vendor", "supplier", "provider"],
    },
    Look {
        form: Form::Steps,
        fields: &[
            ("order", "step|order|no|nr|sequence|number"),
            ("action", "action|task|activity|what|component|description"),
            ("owner", "owner|who|responsible|role|by"),
            ("duration", DURATION),
        ],
        required: &[&["action"], &["order"]],
        headings: &[
            "recovery",
            "failover",
            "procedure",
            "runbook",
            "order",
            "steps",
        ],
    },
    Look {
        form: Form::Document,
        fields: &[
            ("key", "field|document|item|key|attribute"),
            ("value", "value|content|details|entry"),
        ],
        required: &[&["key"], &["value"]],
        headings: &["document", "control", "about", "metadata"],
    },
];
