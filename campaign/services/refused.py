"""What every act of a campaign may answer."""


class Refused(Exception):
    """The act is not possible; the Chinese text says why and what to do."""
