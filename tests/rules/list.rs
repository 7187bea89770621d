//! The list of rules, `tests/rules.txt`.

const LIST: &str = include_str!("../rules.txt");

/// What a line of the list is.
#[derive(Clone, Copy)]
pub enum Line {
    Section(&'static str),
    /// Its number, or a dash, and what it says.
    Rule(&'static str, &'static str),
    /// Program and name.
    Test(&'static str),
    Prose(&'static str),
}

pub fn lines() -> Vec<Line> {
    LIST.lines().filter_map(line).collect()
}

fn line(text: &'static str) -> Option<Line> {
    if let Some(title) = text.strip_prefix("## ") {
        return Some(Line::Section(title));
    }
    if text.is_empty() || text.starts_with('#') {
        return None;
    }
    if let Some(test) = text.strip_prefix("    ") {
        return Some(Line::Test(test));
    }
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    let is_number = first.bytes().all(|byte| byte.is_ascii_digit());
    Some(match is_number || first == "-" {
        true => Line::Rule(first, rest),
        false => Line::Prose(text),
    })
}
