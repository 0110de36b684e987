"""The demo's accounts and teams."""

from plugin.sandbox.world import World

PASSWORD = "Passw0rd!"  # noqa: S105 - the demo's, and printed at every start
PEOPLE = {"alice": "Alice Sommer", "bob": "Bob Tanaka", "carol": "Carol Mbeki", "dave": "Dave Lindqvist"}
TEAMS = {
    "sre": ("SRE", ("alice", "bob", "carol")),
    "support": ("Support", ("dave",)),
}


def seed_accounts(world: World) -> None:
    """Make what is missing; what a user has changed stays as it is."""
    if world.store.fact("accounts_seeded"):
        return
    with world.store.transaction():
        admin = world.people.create(
            "sysadmin",
            email="sysadmin@example.com",
            password=PASSWORD,
            roles="system_admin system_user",
            first_name="Sam Admin",
        )
        for username, name in PEOPLE.items():
            email = f"{username}@example.com"
            world.people.create(username, email=email, password=PASSWORD, first_name=name)
        for team_name, (display_name, members) in TEAMS.items():
            team = world.teams.create(team_name, display_name, "O", admin)
            for username in members:
                person = world.people.by_name(username)
                if person:
                    world.teams.add_member(team["id"], person["id"])
        _welcome(world)
        world.store.set_fact("accounts_seeded", True)


def _welcome(world: World) -> None:
    team = world.teams.by_name("sre")
    channel = world.channels.by_name(team["id"], "town-square")
    alice = world.people.by_name("alice")
    if alice:
        text = "Welcome. Type `/incident start` to start an incident, or use the shield in the channel header."
        world.posts.create(alice["id"], {"channel_id": channel["id"], "message": text})
