// Something to own arrives at a descriptor that is being closed: whoever waits for it takes it, or it is dropped, and never both nor neither.

using Qi.Actors.Model.Controller;
using Qi.Actors.Platform;
using Qi.Actors.Reactors;

namespace Qi.Actors.Model.Scenarios;

/// <param name="isAwaited">True if somebody waits for it.</param>
internal sealed class UntakenScenario(bool isAwaited) : Scenario, IIoOwner
{
    private readonly Stage _stage = new();
    private readonly Permits _goesOn = new(0, isCounted: true);
    private Kernel _kernel = null!;
    private Arrival _arrival = null!;
    private int _made;
    private int _dropped;
    private int _refused;

    public override bool IsQuiet(string file, StepKind kind) => Stage.IsQuiet(file);

    public override void SetUp(Execution execution)
    {
        _kernel = new Kernel();
        var handle = new IoHandle(0, IoHandleKind.Listener, _ => Closed()) { Reactor = new KernelReactor(_kernel) };
        _arrival = new Arrival(this) { Source = new IoSource(_stage.Pool, handle, this) { Drop = _ => _dropped++ } };
        execution.Thread("waiter", Wait, mayBlock: true);
        if (isAwaited)
            execution.Thread("worker", _stage.Work, mayBlock: true);
        execution.Thread("reactor", () => _kernel.Arrive(handle));
        execution.Thread("closer", handle.Close);
    }

    public string Describe(IoKind kind) => "Accepting";

    public Exception Failure(IoKind kind, int error) => new IOException($"{error}");

    public override void CheckEnd()
    {
        Must.Hold(_made + _dropped == _kernel.Taken, $"{_kernel.Taken} have arrived, {_made} were taken and {_dropped} dropped.");
        Must.Hold(_made + _refused == 1 || !isAwaited, $"Who waited has got {_made}, and was refused {_refused} times.");
        Must.Hold(_kernel.IsClosed, "The descriptor is open.");
    }

    private void Closed()
    {
        _kernel.IsClosed = true;
        _arrival.Source.OnHandleClosed();
    }

    private void Wait()
    {
        SynchronizationContext.SetSynchronizationContext(null);
        var source = _arrival.Source;
        source.Begin();
        source.Wanted.Kind = IoKind.Accept;
        var accept = _arrival.RunAsync(Timeout.InfiniteTimeSpan, CancellationToken.None);
        if (isAwaited)
            Await(accept);
    }

    private void Await(ValueTask<string> accept)
    {
        var awaiter = accept.GetAwaiter();
        if (!awaiter.IsCompleted)
        {
            awaiter.UnsafeOnCompleted(() => _goesOn.Give());
            _goesOn.Take();
        }

        try
        {
            _ = awaiter.GetResult();
        }
        catch (IOException)
        {
            _refused++;
        }
    }

    private sealed class Arrival(UntakenScenario scenario) : IoResult<string>
    {
        protected override string Make(int result)
        {
            scenario._made++;
            return "taken";
        }
    }
}
