"""What leaders leave for the voters to see, a photo and a self-report, and what voters are told, as files
beside the stores.

They are public to whoever may vote, and read without the app store. Whoever writes holds the folder
meanwhile, and a file is there whole or not at all. Danger: a picture can carry where and when it was taken,
and a program; so a picture is painted anew from its pixels and nothing else of the file is kept. A report is
written anew too (`reports`).
"""

from __future__ import annotations

import fcntl
import io
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from surveys.disk import make_folder, write_whole
from surveys.errors import SurveysError
from surveys.protocol.errors import Malformed
from surveys.stores import reports
from surveys.stores.notices import Announcements

PHOTO_SIZE = (288, 384)
MOST_PIXELS = 40_000_000
MOST_BYTES = 15_000_000
KINDS = {"photo": ".jpg", "report": ".pdf"}
TOLD = "told.json"


class NoSuchExhibit(SurveysError):
    """The leader has left no such file."""


class NotAPhoto(SurveysError):
    """The file is no picture that can be shown."""


class AnnouncementsDamaged(SurveysError):
    """What voters are told cannot be read."""


@dataclass(frozen=True, slots=True)
class Exhibits:
    """The files of one vote, by index of contest."""

    folder: Path

    def listed(self, kind: str) -> tuple[int, ...]:
        """The contests that have one, ascending."""
        found = (path.stem for path in self.folder.glob(f"*{KINDS[kind]}"))
        return tuple(sorted(int(stem) for stem in found if stem.isascii() and stem.isdigit()))

    def read(self, kind: str, contest: int) -> bytes:
        """The file. Raises NoSuchExhibit."""
        try:
            return self._path(kind, contest).read_bytes()
        except OSError:
            raise NoSuchExhibit(f"contest {contest} has no {kind}") from None

    def keep_photo(self, contest: int, raw: bytes) -> None:
        """Paint the picture anew, upright and small, and keep it in place of an earlier one. Raises
        NotAPhoto.
        """
        if len(raw) > MOST_BYTES:
            raise NotAPhoto(f"the picture has more than {MOST_BYTES} bytes")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", Image.DecompressionBombWarning)
                picture = Image.open(io.BytesIO(raw), formats=("JPEG", "PNG", "WEBP"))
                if picture.width * picture.height > MOST_PIXELS:
                    raise NotAPhoto("the picture has too many pixels")
                pixels = "RGBA" if picture.has_transparency_data else "RGB"
                upright = ImageOps.fit(ImageOps.exif_transpose(picture).convert(pixels), PHOTO_SIZE)
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Warning) as error:
            raise NotAPhoto(f"not a JPEG, PNG or WebP picture: {error}") from None
        # On a sheet of its own: a picture that was read takes its comments and profiles along when it is
        # saved, and colours below what is transparent would be seen.
        sheet, painted = Image.new("RGB", PHOTO_SIZE, "white"), io.BytesIO()
        sheet.paste(upright, mask=upright if pixels == "RGBA" else None)
        sheet.save(painted, "JPEG", quality=82)
        self._keep(self._path("photo", contest), painted.getvalue())

    def keep_report(self, contest: int, raw: bytes) -> None:
        """Write the self-report anew and keep it in place of an earlier one. Raises NotAReport."""
        self._keep(self._path("report", contest), reports.rewritten(raw))

    def announcements(self) -> Announcements:
        """What voters are told; nothing where nothing was told yet. Raises AnnouncementsDamaged."""
        try:
            return Announcements.decode((self.folder / TOLD).read_bytes())
        except FileNotFoundError:
            return Announcements()
        except Malformed as error:
            raise AnnouncementsDamaged(f"{self.folder / TOLD}: {error}") from None

    def tell(self, compute: Callable[[], Announcements]) -> Announcements:
        """Work out what voters are told and keep it in place of what they were told.

        It is worked out while nobody else writes here: whoever comes last has seen all that the others had
        seen. May be run again.
        """
        with self._alone():
            told = compute()
            self._put(self.folder / TOLD, told.encode())
        return told

    def _keep(self, path: Path, content: bytes) -> None:
        with self._alone():
            self._put(path, content)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        make_folder(self.folder, 0o700)
        held = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield
        finally:
            os.close(held)

    def _put(self, path: Path, content: bytes) -> None:
        part = path.with_name(f"{path.name}.part")  # of a write that was killed: written over
        write_whole(part, path, content)

    def _path(self, kind: str, contest: int) -> Path:
        return self.folder / f"{contest}{KINDS[kind]}"
