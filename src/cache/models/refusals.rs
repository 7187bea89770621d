//! Tokens that an API refuses while others use them.

use super::explore::explore;
use super::*;

fn after_refusal(stage: &Stage, refused: &Token) -> Option<usize> {
    let call = Call::new();
    let by = call.deadline(Duration::from_secs(30));
    let next = stage
        .entry
        .token_after_refusal(refused.generation(), &call, by);
    next.map(|(token, _)| number(&token))
}

/// What each of so many callers gets whose `first` token was refused.
fn refused_by(stage: &Stage, first: &Token, callers: usize) -> Vec<Option<usize>> {
    let callers: Vec<_> = (0..callers)
        .map(|_| {
            let first = first.clone();
            stage.spawn(move |stage| after_refusal(stage, &first))
        })
        .collect();
    callers.into_iter().map(joined).collect()
}

#[test]
fn many_refusals_of_one_token_force_one_renewal() {
    explore("many_refusals", || {
        let stage = Stage::new([]);
        let first = stage.token(&Call::new()).unwrap();
        assert_eq!(refused_by(&stage, &first, 3), vec![Some(2); 3]);
        assert_eq!(stage.call(), Ok(2));
        stage.assert_requests(2);
    });
}

#[test]
fn a_forced_renewal_that_fails_is_not_made_by_each() {
    explore("a_forced_renewal_fails", || {
        let stage = Stage::new([Act::Issue, Act::Fail(definitive())]);
        let first = stage.token(&Call::new()).unwrap();
        assert_eq!(refused_by(&stage, &first, 3), vec![None; 3]);
        assert_eq!(stage.call(), Ok(1), "a valid token stays");
        stage.assert_requests(2);
    });
}

#[test]
fn a_refusal_in_the_middle_of_a_renewal_waits_for_it() {
    explore("a_refusal_meets_a_renewal", || {
        let stage = Stage::new([]);
        let first = stage.token(&Call::new()).unwrap();
        stage.clock.advance(85_000);
        let renewing = stage.spawn(Stage::call);
        for next in refused_by(&stage, &first, 2) {
            assert_eq!(next, Some(2));
        }
        assert!(joined(renewing).is_ok());
        stage.assert_requests(2);
    });
}
