//! The gate: one pass over a message that lets through only well-formed XML within the limits, and leaves it as a [`Tree`].
//!
//! Quick-xml cuts the text into events and checks that tags match. Everything else that well-formedness asks for is checked here, because it lets
//! pass control characters, unbound prefixes, two roots and more (SO-2.4). Time and memory are linear in the length of the message.

use std::borrow::Cow;

use quick_xml::events::Event;
use quick_xml::reader::Reader;

use super::chars::{self, RawAttributes, is_blank};
use super::fault::Fault;
use super::limits::Limits;
use super::tree::{Attribute, KNOWN, Node, NodeId, Ns, Tree};

/// Reads a message; `service` is the namespace that gets the number [`Ns::SERVICE`].
///
/// # Errors
/// A fault of the client, with the place in bytes of the decoded text.
pub fn read<'x>(text: &'x str, service: &'static str, limits: &Limits) -> Result<Tree<'x>, Fault> {
    if let Some(at) = chars::find_forbidden(text) {
        return Err(flaw("a character that XML does not allow", at));
    }
    let mut gate = Gate {
        text,
        limits,
        tree: Tree {
            nodes: Vec::with_capacity((text.len() / 28).clamp(8, limits.elements)),
            attributes: Vec::new(),
            spaces: vec![Cow::Borrowed(service)],
            ids: Vec::new(),
        },
        open: Vec::with_capacity(16),
        bindings: Vec::with_capacity(8),
        attributes: Vec::with_capacity(8),
        at: 0,
    };
    gate.run()?;
    gate.tree.ids.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(gate.tree)
}

fn flaw(what: &str, at: usize) -> Fault {
    Fault::client(format!("not well-formed XML: {what} at byte {at}"))
}

/// An element whose end is still to come.
struct Open {
    id: NodeId,
    last_child: NodeId,
    /// How many bindings there were before it.
    n_bindings: usize,
}

struct Gate<'x, 'l> {
    text: &'x str,
    limits: &'l Limits,
    tree: Tree<'x>,
    open: Vec<Open>,
    /// Prefixes with their namespaces, the innermost last.
    bindings: Vec<(&'x str, Ns)>,
    /// Attributes of the current tag, used again for each.
    attributes: Vec<(&'x str, &'x str, Cow<'x, str>)>,
    /// Where the current event begins.
    at: usize,
}

impl<'x> Gate<'x, '_> {
    fn run(&mut self) -> Result<(), Fault> {
        let mut reader = Reader::from_str(self.text);
        reader.config_mut().check_comments = true;
        let place = |position: u64| usize::try_from(position).unwrap_or(usize::MAX);
        loop {
            self.at = place(reader.buffer_position());
            let event = reader.read_event().map_err(|error| {
                let shown: String = error.to_string().chars().take(200).collect();
                flaw(&shown, place(reader.error_position()))
            })?;
            let end = place(reader.buffer_position());
            match event {
                Event::Start(tag) => self.start(tag.name().as_ref().len(), end - 1)?,
                Event::Empty(tag) => {
                    self.start(tag.name().as_ref().len(), end - 2)?;
                    self.end();
                }
                Event::End(_) => self.end(),
                Event::Text(text) => self.characters(text.into_inner())?,
                Event::CData(text) => self.section(text.into_inner())?,
                Event::GeneralRef(_) => self.reference(self.at + 1, end - 1)?,
                Event::Decl(_) => self.declaration(end)?,
                Event::PI(pi) => {
                    if !chars::is_plain_name(pi.target()) || pi.target().eq_ignore_ascii_case("xml") {
                        return Err(self.flaw("bad processing instruction"));
                    }
                }
                Event::DocType(_) => return Err(Fault::client("a document type declaration is not allowed")),
                Event::Comment(_) => {}
                Event::Eof => break,
            }
        }
        if !self.open.is_empty() {
            return Err(self.flaw("an element is not closed"));
        }
        if self.tree.is_empty() {
            return Err(self.flaw("no element"));
        }
        Ok(())
    }

    fn flaw(&self, what: &str) -> Fault {
        flaw(what, self.at)
    }

    fn limit(&self, what: &str, n: usize) -> Fault {
        Fault::limit(format!("{what} (the limit is {n}) at byte {}", self.at))
    }

    /// `<?xml version="1.0" …?>` at the very beginning.
    fn declaration(&self, end: usize) -> Result<(), Fault> {
        let inside = self.text.get("<?xml".len()..end.saturating_sub(2)).unwrap_or_default();
        let mut expected = ["version", "encoding", "standalone"].iter();
        for (i, attribute) in RawAttributes::new(inside).enumerate() {
            let (name, value) = attribute.map_err(|what| self.flaw(what))?;
            let is_next = expected.any(|word| *word == name);
            if !is_next || (i == 0 && (name, value) != ("version", "1.0")) {
                return Err(self.flaw("bad XML declaration"));
            }
        }
        if self.at != 0 || expected.len() == 3 {
            return Err(self.flaw("misplaced XML declaration"));
        }
        Ok(())
    }

    fn start(&mut self, name_len: usize, end: usize) -> Result<(), Fault> {
        let name_begin = self.at + 1;
        let name = self.text.get(name_begin..name_begin + name_len).unwrap_or_default();
        let rest = self.text.get(name_begin + name_len..end).unwrap_or_default();
        if self.open.is_empty() && !self.tree.is_empty() {
            return Err(self.flaw("a second root element"));
        }
        if self.open.len() >= self.limits.depth {
            return Err(self.limit("elements are nested too deeply", self.limits.depth));
        }
        if self.tree.nodes.len() >= self.limits.elements {
            return Err(self.limit("too many elements", self.limits.elements));
        }
        let n_bindings = self.bindings.len();
        self.cut_attributes(rest)?;
        let (prefix, local) = self.split(name)?;
        let ns = self.resolve(prefix, true)?;
        let id = NodeId(u32::try_from(self.tree.nodes.len()).unwrap_or(u32::MAX));
        let mut node = Node {
            ns,
            name: local,
            text: Cow::Borrowed(""),
            xsi_type: None,
            is_nil: false,
            at: self.at,
            attributes: (0, 0),
            first_child: NodeId::NOTHING,
            next: NodeId::NOTHING,
            n_children: 0,
        };
        if !self.attributes.is_empty() {
            self.take_attributes(id, &mut node)?;
        }
        self.tree.nodes.push(node);
        self.link(id)?;
        self.open.push(Open { id, last_child: NodeId::NOTHING, n_bindings });
        Ok(())
    }

    /// Hangs an element under the one that is open.
    fn link(&mut self, id: NodeId) -> Result<(), Fault> {
        let Some(parent) = self.open.last_mut() else { return Ok(()) };
        let last = std::mem::replace(&mut parent.last_child, id);
        let parent = &mut self.tree.nodes[parent.id.0 as usize];
        if parent.n_children as usize >= self.limits.children {
            return Err(self.limit("an element has too many children", self.limits.children));
        }
        parent.n_children += 1;
        if last == NodeId::NOTHING {
            parent.first_child = id;
            if is_blank(&parent.text) {
                parent.text = Cow::Borrowed("");
            }
        } else {
            self.tree.nodes[last.0 as usize].next = id;
        }
        Ok(())
    }

    fn end(&mut self) {
        if let Some(closed) = self.open.pop() {
            self.bindings.truncate(closed.n_bindings);
        }
    }

    fn characters(&mut self, text: Cow<'x, str>) -> Result<(), Fault> {
        if memchr::memmem::find(text.as_bytes(), b"]]>").is_some() {
            return Err(self.flaw("`]]>` in text"));
        }
        if is_blank(&text) && self.open.last().is_none_or(|open| open.last_child != NodeId::NOTHING) {
            return Ok(());
        }
        self.append(match text {
            Cow::Borrowed(text) => chars::line_ends(text),
            Cow::Owned(text) => Cow::Owned(chars::line_ends(&text).into_owned()),
        })
    }

    fn section(&mut self, text: Cow<'x, str>) -> Result<(), Fault> {
        self.append(match text {
            Cow::Borrowed(text) => chars::line_ends(text),
            Cow::Owned(text) => Cow::Owned(chars::line_ends(&text).into_owned()),
        })
    }

    fn reference(&mut self, begin: usize, end: usize) -> Result<(), Fault> {
        let name = self.text.get(begin..end).unwrap_or_default();
        let sign = chars::reference(name).map_err(|what| self.flaw(what))?;
        self.append(Cow::Owned(sign.to_string()))
    }

    fn append(&mut self, piece: Cow<'x, str>) -> Result<(), Fault> {
        let Some(open) = self.open.last() else {
            return Err(self.flaw("text outside of the root element"));
        };
        let text = &mut self.tree.nodes[open.id.0 as usize].text;
        if text.is_empty() {
            *text = piece;
        } else {
            text.to_mut().push_str(&piece);
        }
        if text.len() > self.limits.text_bytes {
            return Err(self.limit("a text is too long", self.limits.text_bytes));
        }
        Ok(())
    }

    fn split(&self, name: &'x str) -> Result<(&'x str, &'x str), Fault> {
        if name.len() > self.limits.name_bytes {
            return Err(self.limit("a name is too long", self.limits.name_bytes));
        }
        chars::split_name(name).ok_or_else(|| self.flaw("bad name"))
    }

    /// Reads the attributes of a tag; declarations of namespaces go into force, the others wait in `self.attributes`.
    fn cut_attributes(&mut self, rest: &'x str) -> Result<(), Fault> {
        self.attributes.clear();
        let scope = self.bindings.len();
        let mut n = 0;
        for attribute in RawAttributes::new(rest) {
            let (name, raw) = attribute.map_err(|what| self.flaw(what))?;
            n += 1;
            if n > self.limits.attributes {
                return Err(self.limit("an element has too many attributes", self.limits.attributes));
            }
            if raw.len() > self.limits.attribute_bytes {
                return Err(self.limit("an attribute is too long", self.limits.attribute_bytes));
            }
            let value = chars::attribute_value(raw).map_err(|what| self.flaw(what))?;
            match self.split(name)? {
                ("", "xmlns") => self.bind("", value, scope)?,
                ("xmlns", prefix) => self.bind(prefix, value, scope)?,
                (prefix, local) => self.attributes.push((prefix, local, value)),
            }
        }
        Ok(())
    }

    fn bind(&mut self, prefix: &'x str, uri: Cow<'x, str>, scope: usize) -> Result<(), Fault> {
        if self.bindings.iter().skip(scope).any(|(other, _)| *other == prefix) {
            return Err(self.flaw("an attribute stands twice"));
        }
        let is_xml = uri == KNOWN[usize::from(Ns::XML.0)];
        if is_xml != (prefix == "xml")
            || prefix == "xmlns"
            || uri == "http://www.w3.org/2000/xmlns/"
            || (uri.is_empty() && !prefix.is_empty())
        {
            return Err(self.flaw("bad namespace declaration"));
        }
        if self.bindings.len() >= self.limits.bindings {
            return Err(self.limit("too many namespace declarations in scope", self.limits.bindings));
        }
        let ns = self.number(uri)?;
        self.bindings.push((prefix, ns));
        Ok(())
    }

    /// The number of a namespace.
    fn number(&mut self, uri: Cow<'x, str>) -> Result<Ns, Fault> {
        let known = KNOWN.iter().map(|known| *known == uri);
        let spaces = self.tree.spaces.iter().map(|space| *space == uri);
        let found = known.chain(spaces).position(|is_it| is_it);
        let n = match found {
            Some(n) => n,
            None if self.tree.spaces.len() >= self.limits.namespaces => {
                return Err(self.limit("too many namespaces", self.limits.namespaces));
            }
            None => {
                self.tree.spaces.push(uri);
                KNOWN.len() + self.tree.spaces.len() - 1
            }
        };
        Ok(Ns(u16::try_from(n).unwrap_or(u16::MAX)))
    }

    fn resolve(&self, prefix: &str, is_element: bool) -> Result<Ns, Fault> {
        if prefix.is_empty() && !is_element {
            return Ok(Ns::NONE);
        }
        if prefix == "xml" {
            return Ok(Ns::XML);
        }
        match self.bindings.iter().rev().find(|(bound, _)| *bound == prefix) {
            Some((_, ns)) => Ok(*ns),
            None if prefix.is_empty() => Ok(Ns::NONE),
            None => Err(self.flaw("a prefix without a namespace")),
        }
    }

    fn take_attributes(&mut self, id: NodeId, node: &mut Node<'x>) -> Result<(), Fault> {
        let begin = self.tree.attributes.len();
        let mut cut = std::mem::take(&mut self.attributes);
        let mut is_nil = None;
        for (prefix, name, value) in cut.drain(..) {
            let ns = self.resolve(prefix, false)?;
            let is_again = match (ns, name) {
                (Ns::XSI, "type") => node.xsi_type.replace(self.type_name(&value)?).is_some(),
                (Ns::XSI, "nil") => is_nil.replace(matches!(value.trim(), "true" | "1")).is_some(),
                _ => {
                    if matches!((ns, name), (Ns::NONE | Ns::ENC12, "id")) {
                        self.identify(value.clone(), id)?;
                    }
                    self.keep(begin, Attribute { ns, name, value })?
                }
            };
            if is_again {
                return Err(self.flaw("an attribute stands twice"));
            }
        }
        node.is_nil = is_nil.unwrap_or(false);
        self.attributes = cut;
        let place = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        node.attributes = (place(begin), place(self.tree.attributes.len()));
        Ok(())
    }

    /// Adds an attribute; whether its element, whose first one is at `begin`, has it already.
    fn keep(&mut self, begin: usize, attribute: Attribute<'x>) -> Result<bool, Fault> {
        let mut known = self.tree.attributes.iter().skip(begin);
        if known.any(|other| other.ns == attribute.ns && other.name == attribute.name) {
            return Ok(true);
        }
        if self.tree.attributes.len() >= self.limits.all_attributes {
            return Err(self.limit("too many attributes", self.limits.all_attributes));
        }
        self.tree.attributes.push(attribute);
        Ok(false)
    }

    /// The type that `xsi:type` names. Values that had to be rewritten name none of the types that matter.
    fn type_name(&self, value: &Cow<'x, str>) -> Result<(Ns, &'x str), Fault> {
        let (prefix, _) = chars::split_name(value.trim()).ok_or_else(|| self.flaw("bad name in xsi:type"))?;
        let ns = self.resolve(prefix, true).map_err(|_| self.flaw("xsi:type with a prefix without a namespace"))?;
        let local = match value {
            Cow::Borrowed(value) => value.trim().split_once(':').map_or(value.trim(), |(_, local)| local),
            Cow::Owned(_) => "",
        };
        Ok((ns, local))
    }

    fn identify(&mut self, id: Cow<'x, str>, node: NodeId) -> Result<(), Fault> {
        if self.tree.ids.len() >= self.limits.ids {
            return Err(self.limit("too many elements with an id", self.limits.ids));
        }
        self.tree.ids.push((id, node));
        Ok(())
    }
}
