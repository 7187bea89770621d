//! Rules switched off, `tests/mutations.txt`.

const LIST: &str = include_str!("../mutations.txt");

/// A change of one text of a file, and the test that finds it.
pub struct Mutation {
    /// Its number in the list of rules, or a dash.
    pub rule: &'static str,
    pub wrong: &'static str,
    pub file: &'static str,
    pub before: &'static str,
    pub after: &'static str,
    pub test: &'static str,
}

pub fn mutations() -> Vec<Mutation> {
    let is_comment = |block: &&str| block.starts_with('#');
    let blocks = LIST.split("\n\n").filter(|block| !is_comment(block));
    blocks.map(mutation).collect()
}

fn mutation(block: &'static str) -> Mutation {
    let lines: Vec<&str> = block.trim_end().split("\n    ").collect();
    let [head, file, before, after, test] = lines[..] else {
        panic!("not five lines: {block}");
    };
    let (rule, wrong) = head.split_once(' ').unwrap();
    Mutation {
        rule,
        wrong,
        file,
        before: before.strip_prefix("- ").unwrap(),
        after: after.strip_prefix("+ ").unwrap(),
        test,
    }
}
