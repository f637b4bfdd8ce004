// How an execution ends: checks, failures, and the unwinding of threads that are still in the middle of something.

namespace Qi.Actors.Model.Controller;

internal sealed partial class Execution
{
    private ModelThread? _setupThread;
    private bool _isSettingUp;

    /// <summary>Notes a failure, the first one, and unwinds the calling thread if it is one of the execution's.</summary>
    public void Fail(string reason)
    {
        Failure ??= reason;
        Recorder?.Note(reason);
    }

    /// <summary>Runs a check: its operations are no steps, and see what real memory holds.</summary>
    public static void Raw(ModelThread? thread, Action check)
    {
        if (thread is null)
        {
            check();
            return;
        }

        thread.RawDepth++;
        try
        {
            check();
        }
        finally
        {
            thread.RawDepth--;
        }
    }

    private void Begin()
    {
        _threads.Clear();
        _locations.Clear();
        _usedLocations = 0;
        Number++;
        Steps = 0;
        Failure = null;
        IsOver = false;
        HasMonitor = false;
        NowNs = 1_000_000_000;
        _running = null;
        _isChecking = false;
    }

    private void CheckStep()
    {
        if (_isChecking || Failure is not null || IsOver)
            return;
        _isChecking = true;
        var thread = ModelThread.Any;
        thread!.RawDepth++;
        try
        {
            _scenario.CheckStep();
        }
        catch (Exception e) when (e is not ExecutionOverException)
        {
            Fail(e.Message);
        }
        finally
        {
            thread.RawDepth--;
            _isChecking = false;
        }
    }

    private void Unwind(ModelThread thread)
    {
        thread.IsAbandoned = true;
        throw new ExecutionOverException();
    }

    // All threads have ended, or wait, or one has failed. On the thread that runs the exploration.
    private void FinishOnMain()
    {
        if (Failure is null)
        {
            DrainAll();
            var stuck = _threads.Where(thread => !thread.IsDone && !thread.MayBlock).ToList();
            if (stuck.Count > 0)
                Fail("Deadlock: " + string.Join(", ", stuck.Select(thread => $"{thread.Name} waits at {thread.Pending}")) + ".");
        }

        if (Failure is null)
        {
            try
            {
                _scenario.CheckEnd();
            }
            catch (Exception e)
            {
                Fail(e.Message);
            }
        }

        IsOver = true;
        foreach (var thread in _threads)
        {
            if (thread.IsDone)
                continue;
            thread.Baton.Give();
            while (!_main.Wait((int)HangMs))
                ThrowIfHung();
        }
    }

    private void ThrowIfHung()
        => throw new InvalidOperationException(
            $"No step for {HangMs / 1000} s: {_running?.Name} is stuck outside of the controller, after {_running?.Pending}. It waits for something that is not modelled.");
}
