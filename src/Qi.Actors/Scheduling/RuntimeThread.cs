namespace Qi.Actors.Scheduling;

/// <summary>A thread of the runtime's own: in the background, named, and without the AsyncLocal values of whoever starts it.</summary>
internal sealed class RuntimeThread(Action main, string name, int stackSizeBytes)
{
    private readonly Thread _thread = new(() => main(), stackSizeBytes) { IsBackground = true, Name = name };

    /// <summary>True on this thread itself.</summary>
    public bool IsCurrent => _thread == Thread.CurrentThread;

    /// <summary>Starts it; once.</summary>
    public void Start() => _thread.UnsafeStart();

    /// <summary>Waits until it has ended, if it was started.</summary>
    public void Join()
    {
        if (_thread.IsAlive)
            _thread.Join();
    }
}
