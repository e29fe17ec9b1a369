"""A bot's metrics and health, as Prometheus and a service manager see them."""

from __future__ import annotations

import http.client
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.telegram.modes import free_port


@dataclass(frozen=True)
class Page:
    """What was served."""

    status: int
    text: str
    headers: dict[str, str]


class Monitored:
    """The small server of a bot."""

    def __init__(self) -> None:
        self.port = free_port()

    @property
    def setting(self) -> dict[str, str]:
        """What has a bot serve here."""
        return {"JAWAB_METRICS_PORT": str(self.port)}

    def get(self, path: str, method: str = "GET") -> Page:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Page(answer.status, answer.read().decode(), headers)
        finally:
            connection.close()

    def samples(self) -> list[Sample]:
        families = text_string_to_metric_families(self.get("/metrics").text)
        return [sample for family in families for sample in family.samples]

    def value(self, name: str, **labels: str) -> float:
        """The one value of a metric that has these labels."""
        [value] = [
            sample.value
            for sample in self.samples()
            if sample.name == name and labels.items() <= sample.labels.items()
        ]
        return value

    def counted(self, name: str, *labels: str) -> dict[tuple[str, ...], float]:
        """What is not 0 of a counter, by its labels."""
        return {
            tuple(sample.labels[label] for label in labels): sample.value
            for sample in self.samples()
            if sample.name == name and sample.value
        }

    def troubles(self) -> list[str]:
        """Why the bot is not ready; none where it is, or where nobody listens yet or any more."""
        try:
            page = self.get("/readyz")
        except ConnectionError:
            return ["nobody listens"]
        assert (page.status, page.text == "ready\n") in {(200, True), (503, False)}
        return [] if page.status == 200 else page.text.splitlines()
