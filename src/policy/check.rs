//! Checks a condition before any plan is there: names, words, types, and that it says yes or no.
//!
//! A condition that compares what can never be equal is false for ever, which in a guard is the
//! worst of mistakes: it protects nothing and looks as if it did. So it is found here.
//!
//! In: a parsed expression and the variables that it can use. Out: mistakes with their places in it.

use std::ops::Range;

use cel::IdedExpr;
use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, LiteralValue, SelectExpr, SourceInfo, operators,
};

use super::entries::suggest;
use super::vocabulary::{Name, Type};

/// A mistake in an expression.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) code: &'static str,
    /// Where in the expression.
    pub(super) range: Range<usize>,
    pub(super) message: String,
    pub(super) help: String,
}

/// The functions that conditions can call, with what they give.
const FUNCTIONS: &[Name] = &[
    function("bool", Type::Bool),
    function("contains", Type::Bool),
    function("double", Type::Double),
    function("dyn", Type::Dyn),
    function("endsWith", Type::Bool),
    function("int", Type::Int),
    function("matches", Type::Bool),
    function("size", Type::Int),
    function("startsWith", Type::Bool),
    function("string", Type::Text),
];

/// What the parser makes of the following, which look like functions to a writer.
const MACROS: &[&str] = &["all", "exists", "exists_one", "filter", "has", "map"];

const fn function(name: &'static str, of: Type) -> Name {
    Name { name, of }
}

/// Returns the mistakes of a condition.
pub(super) fn check(
    expression: &IdedExpr,
    source: &SourceInfo,
    variables: &'static [Name],
) -> Vec<Mistake> {
    let mut checker = Checker {
        source,
        variables,
        locals: Vec::new(),
        mistakes: Vec::new(),
    };
    let of = checker.infer(expression);
    if !of.meets(Type::Bool) {
        let range = 0..source.source.len();
        checker.mistake(
            "policy-type",
            range,
            format!("a condition is true or false, and this is {}", of.noun()),
            "compare it with something",
        );
    }
    checker.mistakes
}

struct Checker<'a> {
    source: &'a SourceInfo,
    variables: &'static [Name],
    locals: Vec<(&'a str, Type)>,
    mistakes: Vec<Mistake>,
}

impl<'a> Checker<'a> {
    fn infer(&mut self, node: &'a IdedExpr) -> Type {
        match &node.expr {
            Expr::Literal(literal) => literal_type(literal),
            Expr::Ident(name) => self.variable(node, name),
            Expr::Select(select) => self.select(node, select),
            Expr::Call(call) => self.call(node, call),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
            Expr::List(list) => {
                for element in &list.elements {
                    self.infer(element);
                }
                Type::List(&Type::Dyn)
            }
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.infer(&entry.key);
                        self.infer(&entry.value);
                    }
                }
                Type::Open
            }
            Expr::Struct(_) | Expr::Unspecified => Type::Dyn,
        }
    }

    fn variable(&mut self, node: &IdedExpr, name: &str) -> Type {
        let local = self.locals.iter().rfind(|(own, _)| *own == name);
        if let Some((_, of)) = local {
            return *of;
        }
        if let Some(variable) = self.variables.iter().find(|own| own.name == name) {
            return variable.of;
        }
        let message = format!("there is no variable `{name}` here");
        let names: Vec<&str> = self.variables.iter().map(|own| own.name).collect();
        let help = suggest(name, &names);
        self.mistake("policy-unknown-name", self.range(node), message, help);
        Type::Dyn
    }

    fn select(&mut self, node: &IdedExpr, select: &'a SelectExpr) -> Type {
        let operand = self.infer(&select.operand);
        let range = self.field_range(node, &select.field);
        let of = self.field(operand, &select.field, range);
        if select.test { Type::Bool } else { of }
    }

    fn field(&mut self, of: Type, field: &str, range: Range<usize>) -> Type {
        of.field(field).unwrap_or_else(|known| {
            let names: Vec<&str> = known.iter().map(|name| name.name).collect();
            let help = if names.is_empty() {
                format!("this is {}, which has no fields", of.noun())
            } else {
                suggest(field, &names)
            };
            let message = format!("there is no field `{field}` here");
            self.mistake("policy-unknown-name", range, message, help);
            Type::Dyn
        })
    }

    fn call(&mut self, node: &'a IdedExpr, call: &'a CallExpr) -> Type {
        let target = call.target.as_deref().map(|target| self.infer(target));
        let args: Vec<Type> = call.args.iter().map(|arg| self.infer(arg)).collect();
        let operator = call.func_name.as_str();
        match (operator, args.as_slice()) {
            (operators::LOGICAL_AND | operators::LOGICAL_OR | operators::LOGICAL_NOT, _) => {
                for (arg, of) in call.args.iter().zip(&args) {
                    self.expect(arg, *of, Type::Bool);
                }
                Type::Bool
            }
            (operators::CONDITIONAL, [condition, yes, no]) => {
                self.expect(&call.args[0], *condition, Type::Bool);
                if yes == no { *yes } else { Type::Dyn }
            }
            (operators::EQUALS | operators::NOT_EQUALS, [left, right]) => {
                self.equal(node, *left, *right, [&call.args[0], &call.args[1]]);
                Type::Bool
            }
            (operators::IN, [left, right]) => {
                self.is_in(node, *left, *right, &call.args[1]);
                Type::Bool
            }
            (
                operators::LESS
                | operators::LESS_EQUALS
                | operators::GREATER
                | operators::GREATER_EQUALS,
                [left, right],
            ) => {
                if !left.meets(*right) {
                    self.never(node, *left, *right);
                }
                Type::Bool
            }
            (
                operators::ADD
                | operators::SUBSTRACT
                | operators::MULTIPLY
                | operators::DIVIDE
                | operators::MODULO,
                [left, right],
            ) => self.arithmetic(node, *left, *right),
            (operators::NEGATE, [of]) => *of,
            (operators::INDEX, [of, _]) => self.index(*of, &call.args[1]),
            (operators::NOT_STRICTLY_FALSE, _) => Type::Bool,
            (name, _) => self.function(node, name, target),
        }
    }

    fn function(&mut self, node: &IdedExpr, name: &str, target: Option<Type>) -> Type {
        if let Some(function) = FUNCTIONS.iter().find(|function| function.name == name) {
            let on_text = matches!(name, "contains" | "startsWith" | "endsWith" | "matches");
            if let Some(target) = target
                && on_text
                && !target.meets(Type::Text)
            {
                self.mistake(
                    "policy-type",
                    self.range(node),
                    format!("`{name}` looks into a text, and this is {}", target.noun()),
                    "ask `\"x\" in list` of a list",
                );
            }
            return function.of;
        }
        let known: Vec<&str> = FUNCTIONS
            .iter()
            .map(|function| function.name)
            .chain(MACROS.iter().copied())
            .collect();
        let (message, help) = if MACROS.contains(&name) {
            let message = format!("`{name}` is not called like this");
            let help = "write `has(a.b)`, or `list.exists(item, condition)` and its like";
            (message, help.to_owned())
        } else {
            let message = format!("there is no function `{name}`");
            (message, suggest(name, &known))
        };
        self.mistake("policy-unknown-function", self.range(node), message, help);
        Type::Dyn
    }

    fn comprehension(&mut self, comprehension: &'a ComprehensionExpr) -> Type {
        let item = match self.infer(&comprehension.iter_range) {
            Type::List(item) => *item,
            // Whoever walks a table walks its keys.
            Type::Record(_) | Type::Open => Type::Text,
            _ => Type::Dyn,
        };
        let result = self.infer(&comprehension.accu_init);
        let outer = self.locals.len();
        self.locals.push((&comprehension.iter_var, item));
        if let Some(second) = &comprehension.iter_var2 {
            self.locals.push((second, Type::Dyn));
        }
        self.locals.push((&comprehension.accu_var, result));
        self.infer(&comprehension.loop_cond);
        self.infer(&comprehension.loop_step);
        let of = self.infer(&comprehension.result);
        self.locals.truncate(outer);
        of
    }

    fn index(&mut self, of: Type, key: &IdedExpr) -> Type {
        match (of, literal_text(key)) {
            (Type::List(item), _) => *item,
            (Type::Record(_), Some(name)) => self.field(of, name, self.range(key)),
            _ => Type::Dyn,
        }
    }

    fn equal(&mut self, node: &IdedExpr, left: Type, right: Type, sides: [&IdedExpr; 2]) {
        if !left.meets(right) {
            self.never(node, left, right);
        }
        for (of, other) in [(left, sides[1]), (right, sides[0])] {
            self.word(of, other);
        }
    }

    fn is_in(&mut self, node: &IdedExpr, left: Type, right: Type, list: &IdedExpr) {
        match right {
            Type::List(item) if !left.meets(*item) => self.never(node, left, *item),
            Type::List(_) | Type::Record(_) | Type::Open | Type::Dyn => {}
            other => self.mistake(
                "policy-type",
                self.range(node),
                format!("`in` looks into a list, and this is {}", other.noun()),
                "write a list in brackets, or `text.contains(\"x\")`",
            ),
        }
        if let Expr::List(list) = &list.expr {
            for element in &list.elements {
                self.word(left, element);
                if let Expr::Literal(literal) = &element.expr
                    && !left.meets(literal_type(literal))
                {
                    self.never(node, left, literal_type(literal));
                }
            }
        }
    }

    fn arithmetic(&mut self, node: &IdedExpr, left: Type, right: Type) -> Type {
        match (left, right) {
            (Type::Dyn, _) | (_, Type::Dyn) => Type::Dyn,
            (Type::Int, Type::Int) => Type::Int,
            (Type::Double, Type::Double) => Type::Double,
            (Type::List(_), Type::List(_)) => left,
            (left, right) if left.meets(Type::Text) && right.meets(Type::Text) => Type::Text,
            (left, right) => {
                self.mistake(
                    "policy-type",
                    self.range(node),
                    format!("{} and {} cannot be combined", left.noun(), right.noun()),
                    "make both sides the same, for example with `double(plan.delete)`",
                );
                Type::Dyn
            }
        }
    }

    /// Checks that a word that is compared with can be there at all.
    fn word(&mut self, of: Type, other: &IdedExpr) {
        let (Type::Word(words), Some(text)) = (of, literal_text(other)) else {
            return;
        };
        if !words.contains(&text) {
            self.mistake(
                "policy-unknown-value",
                self.range(other),
                format!("`{text}` can never stand here"),
                suggest(text, words),
            );
        }
    }

    fn expect(&mut self, node: &IdedExpr, of: Type, wanted: Type) {
        if !of.meets(wanted) {
            self.mistake(
                "policy-type",
                self.range(node),
                format!("this must be {}, and it is {}", wanted.noun(), of.noun()),
                "compare it with something",
            );
        }
    }

    fn never(&mut self, node: &IdedExpr, left: Type, right: Type) {
        self.mistake(
            "policy-type",
            self.range(node),
            format!("{} is never compared with {}", left.noun(), right.noun()),
            "write a text in quotes and a number without",
        );
    }

    fn mistake(
        &mut self,
        code: &'static str,
        range: Range<usize>,
        message: String,
        help: impl Into<String>,
    ) {
        self.mistakes.push(Mistake {
            code,
            range,
            message,
            help: help.into(),
        });
    }

    /// Returns the bytes of the token that the parser ties a node to: the whole of a name or a
    /// literal, the sign of an operator.
    fn range(&self, node: &IdedExpr) -> Range<usize> {
        match self.source.offset_for(node.id) {
            Some((start, last)) if last >= start => start as usize..last as usize + 1,
            _ => 0..self.source.source.len(),
        }
    }

    /// Returns the bytes of the field that a `.` leads to.
    fn field_range(&self, node: &IdedExpr, field: &str) -> Range<usize> {
        let token = self.range(node);
        let rest = self.source.source.get(token.start..).unwrap_or_default();
        match rest.find(field) {
            Some(at) => token.start + at..token.start + at + field.len(),
            None => token,
        }
    }
}

fn literal_type(literal: &LiteralValue) -> Type {
    match literal {
        LiteralValue::Boolean(_) => Type::Bool,
        LiteralValue::Int(_) | LiteralValue::UInt(_) => Type::Int,
        LiteralValue::Double(_) => Type::Double,
        LiteralValue::String(_) => Type::Text,
        LiteralValue::Null => Type::Null,
        LiteralValue::Bytes(_) => Type::Dyn,
    }
}

fn literal_text(node: &IdedExpr) -> Option<&str> {
    match &node.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}
