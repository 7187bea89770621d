//! What authkeep keeps to, and the test that holds each rule: a list that names
//! no test that isn't there, and the page made of it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod list;
mod mutations;
#[path = "../support/page.rs"]
mod page;
mod sources;

use list::{Line, lines};
use mutations::mutations;

const HEAD: &str = "\
<!-- Rendered from tests/rules.txt and tests/mutations.txt; \
AUTHKEEP_BLESS=1 cargo test --test rules writes it. -->

# Rules

What authkeep keeps to, each with the tests that hold it: `lib`, or the name of a program in
`tests`, and the test. Where a rule has a number, it stands before each clause of the rule. A
test fails when its rule is switched off: `.ci/mutations` shows it for [some](#switched-off).
";

const SWITCHED_OFF: &str = "
## Switched off

Each of these changes is made to a copy of the sources by `.ci/mutations`, which then runs the
test, and fails where it passes.

| rule | what is wrong then | where | the test that fails |
|---|---|---|---|
";

#[test]
fn the_page_has_each_rule_with_the_tests_that_hold_it() {
    let mut rendered = HEAD.to_owned();
    for line in lines() {
        rendered += &match line {
            Line::Section(title) => format!("\n## {title}\n\n"),
            Line::Prose(text) => format!("{text}\n\n"),
            Line::Rule(number, statement) => match number {
                "-" => format!("- {statement}\n"),
                number => format!("- **{number}** {statement}\n"),
            },
            Line::Test(test) => format!("  - {}\n", linked(test)),
        };
    }
    rendered += SWITCHED_OFF;
    for mutation in mutations() {
        rendered += &format!(
            "| {} | {} | [{}](../{}) | {} |\n",
            mutation.rule.replace('-', ""),
            mutation.wrong,
            mutation.file.rsplit('/').next().unwrap(),
            mutation.file,
            linked(mutation.test)
        );
    }
    page::assert_is("docs/rules.md", &rendered, "rules");
}

fn linked(test: &str) -> String {
    let (program, name) = test.split_once(' ').unwrap();
    let short = name.rsplit("::").next().unwrap();
    format!("{program} [{short}](../{})", sources::file_of(test))
}

#[test]
fn each_rule_has_a_test() {
    let lines = lines();
    for (index, line) in lines.iter().enumerate() {
        if let Line::Rule(number, statement) = line {
            let next = lines.get(index + 1);
            assert!(
                matches!(next, Some(Line::Test(_))),
                "no test holds {number} {statement}"
            );
        }
    }
}

/// So that a mutation is found out of date here and not where it takes minutes.
#[test]
fn each_mutation_can_be_made_and_breaks_a_rule_of_the_list() {
    for mutation in mutations() {
        let text = sources::read(mutation.file);
        assert_eq!(
            text.matches(mutation.before).count(),
            1,
            "{} must have this once: {}",
            mutation.file,
            mutation.before
        );
        assert_ne!(mutation.before, mutation.after);
        let mut rule = "";
        let holds = lines().into_iter().any(|line| {
            if let Line::Rule(number, _) = line {
                rule = number;
            }
            matches!(line, Line::Test(test) if test == mutation.test && rule == mutation.rule)
        });
        assert!(holds, "{} holds no {}", mutation.test, mutation.rule);
    }
}
