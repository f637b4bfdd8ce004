// How the right to run passes from one thread of the operating system to another: a permit on a futex word where there is one, an
// event elsewhere. A short spin first: the one who is to go on has often just begun to wait.
//
// The word: 0 no permit, 1 a permit, 2 no permit and the owner sleeps. The owner alone waits; anyone gives.

using System.Runtime.InteropServices;

namespace Qi.Actors.Model.Controller;

/// <summary>A permit that one thread waits for and any thread gives.</summary>
internal sealed unsafe class Baton
{
    private const int Spins = 40;
    private const int FutexWait = 128;
    private const int FutexWake = 129;

    private static readonly nint s_futex = !OperatingSystem.IsLinux() ? 0 : RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 202,
        Architecture.Arm64 => 98,
        _ => 0,
    };

    private readonly int[] _memory = GC.AllocateArray<int>(64, pinned: true);
    private readonly AutoResetEvent? _event = s_futex == 0 ? new AutoResetEvent(false) : null;
    private readonly int* _word;

    public Baton() => _word = (int*)Marshal.UnsafeAddrOfPinnedArrayElement(_memory, 32);

    /// <summary>Gives the permit.</summary>
    public void Give()
    {
        if (_event is not null)
            _event.Set();
        else if (Interlocked.Exchange(ref *_word, 1) == 2)
            _ = Syscall(s_futex, _word, FutexWake, 1, null, null, 0);
    }

    /// <summary>Waits for the permit and takes it. False if the time is up.</summary>
    public bool Wait(int timeoutMs = Timeout.Infinite)
    {
        if (_event is not null)
            return _event.WaitOne(timeoutMs);
        for (int i = 0; i < Spins; i++)
        {
            if (Volatile.Read(ref *_word) == 1)
            {
                Volatile.Write(ref *_word, 0);
                return true;
            }

            Thread.SpinWait(4);
        }

        long deadline = timeoutMs < 0 ? long.MaxValue : Environment.TickCount64 + timeoutMs;
        long* slice = stackalloc long[2] { 1, 0 };
        while (true)
        {
            if (Interlocked.CompareExchange(ref *_word, 2, 0) == 1)
            {
                Volatile.Write(ref *_word, 0);
                return true;
            }

            _ = Syscall(s_futex, _word, FutexWait, 2, slice, null, 0);
            if (Volatile.Read(ref *_word) != 1 && Environment.TickCount64 >= deadline)
                return false;
        }
    }

    [DllImport("libc", EntryPoint = "syscall")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Syscall(nint number, int* word, nint operation, nint value, void* timeout, int* unusedWord, nint unusedValue);
}
