//! A small XML tree: what the REST-XML protocols need and no more.
//!
//! In: the bytes of a request body. Out: elements with text and children, and back to text.
//! Namespaces, attributes, comments and the order between text and children are dropped when read.
//! It must not know any service.

use quick_xml::events::Event;
use serde::{Deserialize, Serialize};

/// One element: a name, and either text or children.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Element {
    /// The local name.
    pub(crate) name: String,
    /// The text between the tags, with entities resolved.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) text: String,
    /// The elements inside, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) children: Vec<Element>,
}

impl Element {
    /// An empty element.
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// An element that holds text.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "names, numbers and flags alike"
    )]
    pub(crate) fn leaf(name: &str, text: impl ToString) -> Self {
        Self {
            name: name.to_owned(),
            text: text.to_string(),
            children: Vec::new(),
        }
    }

    /// Adds a child.
    #[must_use]
    pub(crate) fn with(mut self, child: Self) -> Self {
        self.children.push(child);
        self
    }

    /// Adds children.
    #[must_use]
    pub(crate) fn with_all(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }

    /// Adds a child that holds text.
    #[must_use]
    pub(crate) fn with_leaf(self, name: &str, text: impl ToString) -> Self {
        self.with(Self::leaf(name, text))
    }

    /// Adds a child that holds text, if there is one.
    #[must_use]
    pub(crate) fn with_some(self, name: &str, text: Option<impl ToString>) -> Self {
        match text {
            Some(text) => self.with_leaf(name, text),
            None => self,
        }
    }

    /// The first child of that name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All children of that name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The element at a path of names.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter()
            .try_fold(self, |element, name| element.child(name))
    }

    /// The text at a path of names, without the white space around it.
    pub(crate) fn text_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path).map(|element| element.text.trim())
    }

    /// The text of a child, untouched.
    pub(crate) fn raw(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }

    /// Takes out all children of that name.
    pub(crate) fn remove(&mut self, name: &str) {
        self.children.retain(|child| child.name != name);
    }

    /// Puts a child in the place of all others of its name.
    pub(crate) fn replace(&mut self, child: Self) {
        match self
            .children
            .iter()
            .position(|other| other.name == child.name)
        {
            Some(place) => self.children[place] = child,
            None => self.children.push(child),
        }
    }

    /// Reads a document.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut reader = quick_xml::Reader::from_str(text);
        let mut open: Vec<Self> = Vec::new();
        let mut root = None;
        loop {
            match reader.read_event().map_err(|error| error.to_string())? {
                Event::Start(tag) => open.push(Self::new(tag.local_name().as_ref())),
                Event::Empty(tag) => {
                    close(Self::new(tag.local_name().as_ref()), &mut open, &mut root)?;
                }
                Event::End(_) => {
                    let element = open.pop().ok_or("a tag is closed that was not opened")?;
                    close(element, &mut open, &mut root)?;
                }
                Event::Text(text) => append(&mut open, &text.xml10_content()),
                Event::CData(text) => append(&mut open, &text.xml10_content()),
                Event::GeneralRef(reference) => {
                    if let Some(character) = reference
                        .resolve_char_ref()
                        .map_err(|error| error.to_string())?
                    {
                        append(&mut open, character.encode_utf8(&mut [0; 4]));
                    } else {
                        let name = reference.xml10_content();
                        let text = quick_xml::escape::resolve_predefined_entity(&name)
                            .ok_or_else(|| format!("unknown entity &{name};"))?;
                        append(&mut open, text);
                    }
                }
                Event::Eof => break,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
        match root {
            Some(root) if open.is_empty() => Ok(root),
            _ => Err("the document ends too early".to_owned()),
        }
    }

    /// Writes a document whose root has the namespace (none if empty).
    pub(crate) fn document(&self, namespace: &str) -> String {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        let attribute = match namespace {
            "" => String::new(),
            namespace => format!(" xmlns=\"{namespace}\""),
        };
        self.write(&mut out, &attribute);
        out
    }

    fn write(&self, out: &mut String, attribute: &str) {
        out.push('<');
        out.push_str(&self.name);
        out.push_str(attribute);
        if self.text.is_empty() && self.children.is_empty() {
            out.push_str("/>");
            return;
        }
        out.push('>');
        for character in self.text.chars() {
            match character {
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '&' => out.push_str("&amp;"),
                '"' => out.push_str("&quot;"),
                '\r' => out.push_str("&#13;"),
                other => out.push(other),
            }
        }
        for child in &self.children {
            child.write(out, "");
        }
        out.push_str("</");
        out.push_str(&self.name);
        out.push('>');
    }

    /// Turns a table whose keys are element names into an element; an array repeats its element.
    pub(crate) fn from_value(name: &str, value: &serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Object(members) => {
                Self::new(name).with_all(members.iter().flat_map(|(key, value)| {
                    match value {
                        Value::Array(items) => items
                            .iter()
                            .map(|item| Self::from_value(key, item))
                            .collect(),
                        other => vec![Self::from_value(key, other)],
                    }
                }))
            }
            Value::Array(items) => {
                Self::new(name).with_all(items.iter().map(|item| Self::from_value("member", item)))
            }
            Value::String(text) => Self::leaf(name, text),
            Value::Null => Self::new(name),
            other => Self::leaf(name, other),
        }
    }
}

/// Adds text to the innermost open element; text outside the root is dropped.
fn append(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

/// Hands a finished element to its parent, or makes it the root.
fn close(
    mut element: Element,
    open: &mut [Element],
    root: &mut Option<Element>,
) -> Result<(), String> {
    if !element.children.is_empty() {
        element.text.clear();
    }
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None if root.is_none() => *root = Some(element),
        None => return Err("the document has more than one root".to_owned()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_namespaces_and_cdata_are_read_and_escapes_written() {
        let text = "<?xml version='1.0'?><a:A xmlns:a='u'><B>x &amp; &#34;y&quot; &lt;</B>\n \
                    <C/><B><![CDATA[<z>]]></B></a:A>";
        let tree = Element::parse(text).unwrap();
        assert_eq!(tree.raw("B"), Some("x & \"y\" <"));
        assert_eq!(tree.all("B").count(), 2);
        assert_eq!(Element::parse(&tree.document("urn:n")).unwrap(), tree);
    }

    #[test]
    fn broken_documents_are_errors() {
        for text in ["", "<A>", "<A></B>", "<A/><B/>", "<A>&nope;</A>", "plain"] {
            assert!(Element::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn tables_become_elements() {
        let value = serde_json::json!({"Role": "r", "Rule": [{"Priority": 1}, {"Priority": 2}]});
        let element = Element::from_value("Replication", &value);
        assert_eq!(
            element.document(""),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Replication><Role>r</Role>\
             <Rule><Priority>1</Priority></Rule><Rule><Priority>2</Priority></Rule></Replication>"
        );
    }
}
