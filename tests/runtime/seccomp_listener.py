# seccomp_listener.py SOCKET OUT: a seccomp agent (seccomp_unotify(2)). Takes one connection at SOCKET, writes the container
# process state to OUT, and answers the filter's notifications until its last process is gone: mkdir and mkdirat fail
# with ENOSPC, all else goes on. SOCKET.ready appears when it listens.
import array
import errno
import fcntl
import os
import select
import socket
import struct
import sys

RECV = 0xC0502100  # SECCOMP_IOCTL_NOTIF_RECV
SEND = 0xC0182101  # SECCOMP_IOCTL_NOTIF_SEND
CONTINUE = 1  # SECCOMP_USER_NOTIF_FLAG_CONTINUE
MKDIR, MKDIRAT = 83, 258


def receive(path):
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(1)
    open(path + ".ready", "w").close()
    peer, _ = server.accept()
    text, control, _, _ = peer.recvmsg(1 << 16, socket.CMSG_SPACE(16))
    fds = array.array("i")
    for level, kind, data in control:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(data)
    return text, fds


def answer(listener):
    notification = bytearray(80)
    try:
        fcntl.ioctl(listener, RECV, notification)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return
        raise
    cookie, _pid, _flags, number = struct.unpack_from("=QIIi", notification)
    if number in (MKDIR, MKDIRAT):
        reply = struct.pack("=QqiI", cookie, 0, -errno.ENOSPC, 0)
    else:
        reply = struct.pack("=QqiI", cookie, 0, 0, CONTINUE)
    try:
        fcntl.ioctl(listener, SEND, bytearray(reply))
    except OSError as error:
        if error.errno != errno.ENOENT:
            raise


text, fds = receive(sys.argv[1])
with open(sys.argv[2] + ".part", "wb") as out:
    out.write(text)
os.rename(sys.argv[2] + ".part", sys.argv[2])
poller = select.poll()
poller.register(fds[0], select.POLLIN)
while True:
    for _, events in poller.poll():
        if events & select.POLLIN:
            answer(fds[0])
        elif events & select.POLLHUP:
            sys.exit(len(fds) != 1)
