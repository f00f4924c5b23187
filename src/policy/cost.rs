//! How much work one evaluation of a condition may be.
//!
//! In: an expression. Out: an estimate that errs upwards, so that a policy file, which whoever opens
//! a pull request can write, cannot keep a run busy for hours. Must not know what a condition means.

use cel::common::ast::{EntryExpr, Expr, IdedExpr};

use super::vocabulary::Name;

/// The longest condition, in bytes: everything that it spells out is shorter.
pub(super) const MAX_TEXT: usize = 4096;
/// The most steps of one evaluation; three loops over the fields of a change, one in the other, fit.
pub(super) const MAX_COST: u64 = 200_000;

/// How many items a list of the plan is taken to have, such as the fields of a change.
const OF_PLAN: u64 = 20;
/// How many items a list is taken to have that the condition makes itself.
const MADE: u64 = 1000;

/// Returns about how many steps an evaluation takes.
pub(super) fn cost(expression: &IdedExpr, variables: &[Name]) -> u64 {
    let locals = Vec::new();
    Walk { variables, locals }.of(expression)
}

struct Walk<'a> {
    variables: &'a [Name],
    /// The variables of the loops around; they may have the name of one of the plan's.
    locals: Vec<&'a str>,
}

impl<'a> Walk<'a> {
    fn of(&mut self, node: &'a IdedExpr) -> u64 {
        let parts = match &node.expr {
            Expr::Literal(_) | Expr::Ident(_) | Expr::Struct(_) | Expr::Unspecified => 0,
            Expr::Select(select) => self.of(&select.operand),
            Expr::Call(call) => self.all(call.target.as_deref().into_iter().chain(&call.args)),
            Expr::List(list) => self.all(&list.elements),
            Expr::Map(map) => {
                let entries = map.entries.iter().filter_map(|entry| match &entry.expr {
                    EntryExpr::MapEntry(entry) => Some([&entry.key, &entry.value]),
                    EntryExpr::StructField(_) => None,
                });
                self.all(entries.flatten())
            }
            Expr::Comprehension(looped) => {
                let around = self.all([&looped.iter_range, &looped.accu_init, &looped.result]);
                let items = self.items(&looped.iter_range);
                let outer = self.locals.len();
                self.locals.extend([&*looped.iter_var, &*looped.accu_var]);
                self.locals.extend(looped.iter_var2.as_deref());
                let step = self.all([&looped.loop_cond, &looped.loop_step]);
                self.locals.truncate(outer);
                around.saturating_add(step.saturating_mul(items))
            }
        };
        parts.saturating_add(1)
    }

    fn all(&mut self, nodes: impl IntoIterator<Item = &'a IdedExpr>) -> u64 {
        let add = |sum: u64, node| sum.saturating_add(self.of(node));
        nodes.into_iter().fold(0, add)
    }

    /// Returns how many items a list is taken to have.
    fn items(&self, list: &IdedExpr) -> u64 {
        let mut root = list;
        loop {
            root = match &root.expr {
                Expr::List(items) if std::ptr::eq(root, list) => {
                    return u64::try_from(items.elements.len()).unwrap_or(u64::MAX);
                }
                Expr::Select(select) => &select.operand,
                Expr::Ident(name) => {
                    let is_of_plan = self.variables.iter().any(|known| known.name == name)
                        && !self.locals.contains(&name.as_str());
                    return if is_of_plan { OF_PLAN } else { MADE };
                }
                _ => return MADE,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use cel::Program;

    use super::*;
    use crate::policy::vocabulary::Subject;

    fn is_cheap(text: &str) -> bool {
        let program = Program::compile(text).unwrap();
        cost(program.expression(), Subject::Change.variables()) <= MAX_COST
    }

    #[test]
    fn loops_over_the_plan_fit_and_loops_that_multiply_do_not() {
        let numbers: Vec<String> = (0..200).map(|number| number.to_string()).collect();
        let list = format!("[{}]", numbers.join(","));
        for (text, cheap) in [
            ("change.action == \"delete\"".to_owned(), true),
            (
                "change.fields.exists(f, change.fields.exists(g, f.path == g.path))".to_owned(),
                true,
            ),
            (format!("{list}.all(a, a > 0)"), true),
            (format!("{list}.all(a, {list}.all(b, a == b))"), false),
            (
                format!("[{list}].all(a, a.all(b, a.all(c, a.all(d, b == c))))"),
                false,
            ),
            // A loop's variable hides the plan's.
            (
                format!("{list}.map(n, {list}).all(change, change.all(b, change.all(c, b == c)))"),
                false,
            ),
        ] {
            assert_eq!(is_cheap(&text), cheap, "{text}");
        }
    }
}
