"""The number of people at the head of the roster."""

from organisation.models import User
from tests.personas import World


def test_the_roster_says_how_many_people_it_has(world: World) -> None:
    """For the reader's scope and the unit; not where names or posts had to be read for it."""
    client = world.client(world.liaison)
    said = {}
    for query in ("", "?state=all", f"?under={world.unit.pk}", "?tier=ordinary", "?role=cadre"):
        page = client.get(f"/people/{query}")
        said[query] = (
            page.context["total"],
            f"共 {len(page.context['page'])} 人。" in page.content.decode(),
        )
    User.objects.filter(pk=world.colleague.pk).update(is_active=False)
    said["one left"] = (client.get("/people/").context["total"], True)
    assert said == {
        "": (5, True),
        "?state=all": (5, True),
        f"?under={world.unit.pk}": (5, True),
        "?tier=ordinary": (None, False),
        "?role=cadre": (None, False),
        "one left": (4, True),
    }
