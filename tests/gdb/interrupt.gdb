# the user's Ctrl-C half a second after the program goes on, however long gdb needs to get there
python
import os, signal, threading
def soon(event):
    gdb.events.cont.disconnect(soon)
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
end
break hit
continue
delete
set var hold = 1
python gdb.events.cont.connect(soon)
continue
info threads
set $before = spins
python gdb.events.cont.connect(soon)
continue
printf "= moved %d\n", spins != $before
set var hold = 0
continue
