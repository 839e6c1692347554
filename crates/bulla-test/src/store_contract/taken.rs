//! One name that many want at once, at two issuers.

use bulla_core::{
    account::DisplayName,
    client::Client,
    store::{ClientOutcome, LinkOutcome, Store},
};

use super::{Heeded, clients, issuers::at_both, links, with_account};

pub(super) async fn all<S: Store, F: AsyncFn() -> [Heeded<S>; 2]>(make: &F) {
    of_many_accounts_one_gets_an_address(&make().await).await;
    of_many_clients_one_is_called_so(&make().await).await;
}

async fn of_many_accounts_one_gets_an_address<S: Store>(issuers: &[Heeded<S>; 2]) {
    let mut all = Vec::new();
    for number in 0..20 {
        let account = with_account(&issuers[0].0, &format!("user{number}")).await;
        let link = links::reset(&account, number, 100);
        links::add(&issuers[0].0, &link).await;
        all.push((account, link));
    }
    let spent = at_both(issuers, all.len(), |store, number| {
        let (account, link) = &all[number];
        store.spend_link(link.id, links::to(account, "new@example.com"))
    });
    let spent = spent.await.into_iter().map(|one| one.expect("answers"));
    let (done, refused): (Vec<_>, Vec<_>) = spent.partition(|one| *one == LinkOutcome::Done);
    assert_eq!(done.len(), 1);
    assert_eq!(refused, [LinkOutcome::EmailTaken; 19]);
}

async fn of_many_clients_one_is_called_so<S: Store>(issuers: &[Heeded<S>; 2]) {
    let mut all = Vec::new();
    for number in 0..20 {
        all.push(clients::with_client(&issuers[0].0, &format!("client{number}")).await);
    }
    let renamed = at_both(issuers, all.len(), |store, number| {
        let client = Client {
            name: DisplayName::parse("wanted").expect("a valid name"),
            ..all[number].clone()
        };
        Box::pin(async move { clients::change(store, &client, false).await })
    });
    let renamed = renamed.await.into_iter();
    let (done, refused): (Vec<_>, Vec<_>) =
        renamed.partition(|one| matches!(one, ClientOutcome::Changed(_)));
    assert_eq!(done.len(), 1);
    assert_eq!(refused, [const { ClientOutcome::NameTaken }; 19]);
}
