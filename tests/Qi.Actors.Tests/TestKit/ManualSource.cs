using System.Threading.Tasks.Dataflow;

namespace Qi.Actors.Tests.TestKit;

/// <summary>A dataflow source that offers what it is told to, and notes what the target does with the offer.</summary>
internal sealed class ManualSource<T>(T value) : ISourceBlock<T>
{
    private readonly Lock _lock = new();
    private readonly List<string> _calls = [];
    private readonly List<ITargetBlock<T>> _callers = [];
    private readonly TaskCompletionSource _consumed = Signal.NewSource();
    private readonly TaskCompletionSource _released = Signal.NewSource();

    /// <summary>What a consumer gets.</summary>
    public T Value { get; set; } = value;

    /// <summary>Whether the message is still to be had.</summary>
    public bool IsAvailable { get; set; } = true;

    /// <summary>Called while a target consumes, on its thread.</summary>
    public Action? WhileConsumed { get; set; }

    public Task Completion => Task.CompletedTask;

    /// <summary>Ends when a target has asked for the message.</summary>
    public Task Consumed => _consumed.Task;

    /// <summary>Ends when a target has released its reservation.</summary>
    public Task Released => _released.Task;

    /// <summary>The calls so far, such as <c>consume 1</c>.</summary>
    public string[] Calls
    {
        get
        {
            lock (_lock)
                return [.. _calls];
        }
    }

    /// <summary>The targets that made the calls.</summary>
    public ITargetBlock<T>[] Callers
    {
        get
        {
            lock (_lock)
                return [.. _callers];
        }
    }

    /// <summary>Offers the message.</summary>
    public DataflowMessageStatus Offer(ITargetBlock<T> target, long id = 1, bool consumeToAccept = false)
        => target.OfferMessage(new DataflowMessageHeader(id), Value, this, consumeToAccept);

    public T? ConsumeMessage(DataflowMessageHeader messageHeader, ITargetBlock<T> target, out bool messageConsumed)
    {
        Note("consume", messageHeader, target);
        WhileConsumed?.Invoke();
        messageConsumed = IsAvailable;
        _consumed.TrySetResult();
        return messageConsumed ? Value : default;
    }

    public bool ReserveMessage(DataflowMessageHeader messageHeader, ITargetBlock<T> target)
    {
        Note("reserve", messageHeader, target);
        return IsAvailable;
    }

    public void ReleaseReservation(DataflowMessageHeader messageHeader, ITargetBlock<T> target)
    {
        Note("release", messageHeader, target);
        _released.TrySetResult();
    }

    public IDisposable LinkTo(ITargetBlock<T> target, DataflowLinkOptions linkOptions)
        => throw new NotSupportedException("Offers are made by hand.");

    public void Complete()
    {
    }

    public void Fault(Exception exception)
    {
    }

    private void Note(string call, DataflowMessageHeader header, ITargetBlock<T> target)
    {
        lock (_lock)
        {
            _calls.Add($"{call} {header.Id}");
            _callers.Add(target);
        }
    }
}
