using System.Threading.Tasks.Dataflow;

namespace Qi.Actors.Properties.Tests.Actors;

/// <summary>A target that answers as it is told to, and does with a postponed message what a test says.</summary>
/// <param name="name">Stands before each note.</param>
/// <param name="offers">What the source has done with the target. The source does it when its scheduler comes to it.</param>
/// <param name="calls">What the target has done with the source.</param>
internal sealed class ScriptedTarget(string name, Notes offers, Notes calls) : ITargetBlock<int>
{
    private ISourceBlock<int>? _source;
    private DataflowMessageHeader _postponed;

    public DataflowMessageStatus Answer { get; set; }

    public Task Completion => Task.CompletedTask;

    public DataflowMessageStatus OfferMessage(DataflowMessageHeader messageHeader, int messageValue, ISourceBlock<int>? source, bool consumeToAccept)
    {
        var answer = Answer;
        int value = messageValue;
        if (answer == DataflowMessageStatus.Accepted && consumeToAccept)
        {
            value = source!.ConsumeMessage(messageHeader, this, out bool isConsumed);
            answer = isConsumed ? DataflowMessageStatus.Accepted : DataflowMessageStatus.NotAvailable;
        }

        if (answer == DataflowMessageStatus.Postponed)
            (_source, _postponed) = (source, messageHeader);
        offers.Add($"{name}: offered {value}: {answer}");
        return answer;
    }

    public void Consume()
    {
        if (_source is null)
            return;
        int value = _source.ConsumeMessage(_postponed, this, out bool isConsumed);
        calls.Add($"{name}: {(isConsumed ? $"consumed {value}" : "nothing to consume")}");
    }

    public void Reserve()
    {
        if (_source is not null)
            calls.Add($"{name}: {(_source.ReserveMessage(_postponed, this) ? "reserved" : "nothing to reserve")}");
    }

    public void Release()
    {
        if (_source is null)
            return;
        try
        {
            _source.ReleaseReservation(_postponed, this);
            calls.Add($"{name}: released");
        }
        catch (InvalidOperationException)
        {
            calls.Add($"{name}: nothing to release");
        }
    }

    public void Complete() => offers.Add($"{name}: complete");

    public void Fault(Exception exception) => offers.Add($"{name}: fault {exception.GetBaseException().Message}");
}

/// <summary>What has happened, in order. Any thread.</summary>
internal sealed class Notes
{
    private readonly List<string> _lines = [];

    public void Add(string line)
    {
        lock (_lines)
            _lines.Add(line);
    }

    public string[] ToArray()
    {
        lock (_lines)
            return [.. _lines];
    }
}
