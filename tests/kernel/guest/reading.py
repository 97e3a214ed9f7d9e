"""Checks of files: reading, waiting, losing, and everything that is refused."""

import ctypes
import errno
import fcntl
import mmap
import os
import select
import struct

import numpy as np

from kernel.abi import ACKNOWLEDGE, GET_STATUS, MIN_PERIOD_NS, RECORD, SET_PERIOD, SET_WAKEUP, START, STOP
from kernel.reader import Reader
from tests.kernel.guest.ktap import refused, until
from tests.kernel.guest.modules import DEVICE
from tests.kernel.guest.recording import recorder, some

SIZE = RECORD.itemsize


def read_gives_whole_records_as_many_as_fit() -> None:
    with recorder(period_ns=1_000_000) as reader:
        file = os.open(DEVICE, os.O_RDONLY)
        reader.start()
        until(lambda: reader.status().head > 20, what="twenty records")
        reader.stop()
        part = os.read(file, 3 * SIZE + SIZE // 2)
        rest = os.read(file, 10**6)
        records = np.frombuffer(part + rest, RECORD)
        assert len(part) == 3 * SIZE
        assert np.array_equal(records["sequence"], 2 * np.arange(len(records), dtype=np.uint64) + 2)
        assert len(records) == reader.status().head
        assert os.read(file, SIZE) == b""  # stopped, and all was read
        os.close(file)


def a_reader_waits_for_a_record_unless_it_will_not() -> None:
    with recorder(period_ns=1_000_000) as reader:
        waits, will_not = os.open(DEVICE, os.O_RDONLY), os.open(DEVICE, os.O_RDONLY | os.O_NONBLOCK)
        reader.start()
        fcntl.ioctl(waits, SET_WAKEUP, struct.pack("<I", 1))
        assert len(os.read(waits, SIZE)) == SIZE
        reader.set_period(1_000_000_000)
        with refused(errno.EAGAIN):
            while os.read(will_not, 10**6):  # what is there, and then nothing for a second
                pass
        os.close(waits)
        os.close(will_not)


def poll_takes_nothing_away() -> None:
    with recorder(period_ns=1_000_000) as reader:
        reader.set_wakeup(10)
        reader.start()
        poll = select.poll()
        poll.register(reader.fileno(), select.POLLIN)
        assert poll.poll(10_000)
        before = reader.status().tail
        for _ in range(20):
            poll.poll(0)
        assert reader.status().tail == before
        assert len(reader.take()) >= 10


def two_readers_get_the_same_and_a_slow_one_is_told_what_it_lost() -> None:
    with recorder(period_ns=50_000, records=64) as reader, Reader() as second, Reader() as slow:
        for one in (reader, second):
            one.set_wakeup(8)
        reader.start()
        until(lambda: reader.status().head > 1000, what="a thousand records")
        reader.stop()
        head = reader.status().head
        got = slow.take()
        assert len(got) == 64
        assert slow.lost == head - 64
        assert slow.status().tail == head
        assert np.array_equal(got.number, np.arange(head - 64, head, dtype=np.uint64))
        assert np.array_equal(second.take().timestamp_ns, got.timestamp_ns)

        file = os.open(DEVICE, os.O_RDONLY | os.O_NONBLOCK)
        reader.start()
        until(lambda: reader.status().head > head + 1000, what="a thousand more")
        reader.stop()
        records = np.frombuffer(os.read(file, 10**6), RECORD)
        dropped = struct.unpack("<2I5Q", fcntl.ioctl(file, GET_STATUS, bytes(48)))[5]
        assert len(records) == 64
        assert dropped == reader.status().head - head - 64
        os.close(file)


def no_record_is_torn_while_the_ring_is_overrun() -> None:
    with recorder(period_ns=50_000, records=64) as reader:
        reader.start()
        seen = 0
        while seen < 3000:
            batch = reader.take()
            # All lags of one record were written at one time: the newest is 0 periods ago in each.
            steps = np.diff(batch.number.astype(np.int64))
            times = np.diff(batch.timestamp_ns.astype(np.int64))
            assert (steps > 0).all()
            assert (times >= steps * 50_000).all()
            seen += len(batch)


def an_acknowledgement_moves_one_file_only() -> None:
    with recorder(period_ns=1_000_000) as reader, Reader() as other:
        reader.start()
        some(reader, 20)
        reader.stop()
        head = reader.status().head
        reader.take()
        assert reader.status().tail == head
        assert other.status().tail == 0
        with refused(errno.EINVAL):
            fcntl.ioctl(other.fileno(), ACKNOWLEDGE, struct.pack("<Q", head + 1))
        fcntl.ioctl(other.fileno(), ACKNOWLEDGE, struct.pack("<Q", 5))
        fcntl.ioctl(other.fileno(), ACKNOWLEDGE, struct.pack("<Q", 3))  # never back
        assert other.status().tail == 5


def what_is_no_request_is_refused() -> None:
    with recorder() as reader:
        file = reader.fileno()
        with refused(errno.EINVAL):
            os.read(file, SIZE - 1)
        with refused(errno.ENOTTY):
            fcntl.ioctl(file, 0x4A63)
        for ns in (0, MIN_PERIOD_NS - 1, 1_000_000_001, 2**63):
            with refused(errno.EINVAL):
                reader.set_period(ns)
        for records in (0, 2049):
            with refused(errno.EINVAL):
                reader.set_wakeup(records)
        for words in (b" ", b"begin", b"start stop", b"x" * 100):
            with refused(errno.EINVAL):
                os.write(file, words)
        with refused(errno.ESPIPE):
            os.lseek(file, 0, os.SEEK_SET)


def bad_addresses_are_refused() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    with recorder(period_ns=1_000_000) as reader:
        file = reader.fileno()
        reader.start()
        until(lambda: reader.status().head > 5, what="records")

        def call(name: str, *arguments: object) -> None:
            if getattr(libc, name)(*arguments) < 0:
                raise OSError(ctypes.get_errno(), name)

        nowhere = ctypes.c_void_p(8)
        with refused(errno.EFAULT):
            call("read", file, nowhere, ctypes.c_size_t(SIZE))
        with refused(errno.EFAULT):
            call("write", file, nowhere, ctypes.c_size_t(5))
        for request in (GET_STATUS, SET_PERIOD, SET_WAKEUP, ACKNOWLEDGE):
            with refused(errno.EFAULT):
                call("ioctl", file, ctypes.c_ulong(request), nowhere)
        # Half a buffer that ends where nothing is mapped: what fits is given, the rest stays unread.
        pages = mmap.mmap(-1, 3 * mmap.PAGESIZE)
        start = ctypes.addressof(ctypes.c_char.from_buffer(pages))
        call("munmap", ctypes.c_void_p(start + 2 * mmap.PAGESIZE), ctypes.c_size_t(mmap.PAGESIZE))
        at = start + 2 * mmap.PAGESIZE - SIZE - 100
        got = libc.read(file, ctypes.c_void_p(at), ctypes.c_size_t(4 * SIZE))
        assert got == SIZE, got


def the_mapping_cannot_be_written() -> None:
    with recorder() as reader:
        size = 4096 + 4096 * SIZE
        with refused(errno.EPERM):
            mmap.mmap(reader.fileno(), size, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
        with refused(errno.EINVAL):
            mmap.mmap(reader.fileno(), size + 4096, mmap.MAP_SHARED, mmap.PROT_READ)
        with refused(errno.EINVAL):
            mmap.mmap(reader.fileno(), 4096, mmap.MAP_SHARED, mmap.PROT_READ, offset=4096)
        libc = ctypes.CDLL(None, use_errno=True)
        libc.mmap.restype = ctypes.c_void_p
        at = libc.mmap(None, ctypes.c_size_t(4096), mmap.PROT_READ, mmap.MAP_SHARED, reader.fileno(), ctypes.c_long(0))
        assert libc.mprotect(ctypes.c_void_p(at), ctypes.c_size_t(4096), mmap.PROT_READ | mmap.PROT_WRITE) == -1
        assert ctypes.get_errno() == errno.EACCES
        libc.munmap(ctypes.c_void_p(at), ctypes.c_size_t(4096))


def who_may_only_read_cannot_control() -> None:
    with recorder(), Reader() as reader:
        for request in (START, STOP):
            with refused(errno.EACCES):
                fcntl.ioctl(reader.fileno(), request)
        with refused(errno.EACCES):
            reader.set_period(1_000_000)
        with refused(errno.EBADF):
            os.write(reader.fileno(), b"start")


def a_user_outside_the_group_cannot_open_it() -> None:
    with recorder():
        os.chown(DEVICE, 0, 4711)  # what the udev rule does
        child = os.fork()
        if child == 0:
            os.setgroups([])
            os.setgid(1000)
            os.setuid(1000)
            try:
                os.open(DEVICE, os.O_RDONLY)
            except PermissionError:
                os.setuid(1000)
                os._exit(0)
            os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        member = os.fork()
        if member == 0:
            os.setgroups([4711])
            os.setgid(1000)
            os.setuid(1000)
            os.close(os.open(DEVICE, os.O_RDWR))
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(member, 0)[1]) == 0


CHECKS = [
    read_gives_whole_records_as_many_as_fit,
    a_reader_waits_for_a_record_unless_it_will_not,
    poll_takes_nothing_away,
    two_readers_get_the_same_and_a_slow_one_is_told_what_it_lost,
    no_record_is_torn_while_the_ring_is_overrun,
    an_acknowledgement_moves_one_file_only,
    what_is_no_request_is_refused,
    bad_addresses_are_refused,
    the_mapping_cannot_be_written,
    who_may_only_read_cannot_control,
    a_user_outside_the_group_cannot_open_it,
]
