"""The publish program: wiring only. Run it as ``faststream run services.publish.app:app``."""

from __future__ import annotations

from faststream import FastStream

from newsfeed.runtime import Program, Runtime, create_app
from newsfeed.vocabulary import ancestors
from services.publish.confirming import confirm_subscriptions
from services.publish.dispatching import deliver_channels
from services.publish.following import Following
from services.publish.handlers import publish_channels
from services.publish.settings import PublishSettings
from services.publish.transports import installed


def create(settings: PublishSettings) -> FastStream:
    """The application; it reads the channels and connects when it starts."""

    async def publish(runtime: Runtime) -> None:
        following = Following(runtime.redis, settings.config)
        await publish_channels(runtime, following, ancestors, settings.tick_seconds)

    async def deliver(runtime: Runtime) -> None:
        await deliver_channels(runtime, installed(), settings.tick_seconds)

    async def confirm(runtime: Runtime) -> None:
        await confirm_subscriptions(runtime, installed(), settings.tick_seconds)

    return create_app(
        settings, Program(name="publish", tasks={"publish": publish, "deliver": deliver, "confirm": confirm})
    )


def __getattr__(name: str) -> FastStream:
    if name == "app":
        return create(PublishSettings())
    raise AttributeError(name)
