# the user's Ctrl-C half a second after the program goes on, however long gdb needs to get there
python
import os, signal, threading
def soon(event):
    gdb.events.cont.disconnect(soon)
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
end
break nap
continue
delete
python gdb.events.cont.connect(soon)
continue
backtrace
printf "= sum %d\n", nap(10)
# the interrupted call is made again with the time that is left
break after
continue
delete
python gdb.events.cont.connect(soon)
continue
set var go = 1
printf "= pc %d\n", $pc > 0
kill
