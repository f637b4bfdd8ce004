// What a bounded target does with offers, as a queue and a line.
//
// T1: an offer is accepted if there is room and nobody stands in line; else it is postponed, or declined if it has no source.
// T2: a newer offer of a source takes the place of its older one.
// T3: room goes, as soon as there is some, to the first in line whose message is still to be had.
// T4: Complete and Fault refuse the line: each offer is reserved and, if it is still to be had, released. Fault gives up what waits.

using System.Threading.Tasks.Dataflow;

namespace Qi.Actors.Properties.Tests.Mailboxes;

/// <summary>One that offers messages to the target: a scripted source, a SendAsync, or a linked buffer.</summary>
internal sealed class Offerer
{
    /// <summary>The calls that the target has to make; null if nobody notes them.</summary>
    public List<string>? Calls { get; init; }

    /// <summary>The further messages of a linked buffer.</summary>
    public Queue<int>? Buffer { get; init; }

    public int Header { get; set; }

    public int Value { get; set; }

    public bool IsAvailable { get; set; } = true;

    /// <summary>Whether the present message was taken, refused, or neither.</summary>
    public bool? IsTaken { get; set; }
}

/// <summary>The model of a bounded target.</summary>
internal sealed class TargetModel(int limit)
{
    private readonly List<Offerer> _line = [];

    /// <summary>Accepted and not handled, in order.</summary>
    public List<int> Outstanding { get; } = [];

    public bool IsClosed { get; private set; }

    public bool IsFaulted { get; private set; }

    private bool HasRoom => Outstanding.Count < limit && _line.Count == 0;

    public DataflowMessageStatus Post(int value)
    {
        if (IsClosed)
            return DataflowMessageStatus.DecliningPermanently;
        if (!HasRoom)
            return DataflowMessageStatus.Declined;
        Outstanding.Add(value);
        return DataflowMessageStatus.Accepted;
    }

    public DataflowMessageStatus Offer(Offerer offerer, bool consumeToAccept)
    {
        offerer.IsTaken = null;
        if (IsClosed)
        {
            offerer.IsTaken = false;
            return DataflowMessageStatus.DecliningPermanently;
        }

        if (!HasRoom)
        {
            if (!_line.Contains(offerer))
                _line.Add(offerer);
            return DataflowMessageStatus.Postponed;
        }

        if (!consumeToAccept)
        {
            Accept(offerer);
            return DataflowMessageStatus.Accepted;
        }

        return Consume(offerer) ? DataflowMessageStatus.Accepted : DataflowMessageStatus.NotAvailable;
    }

    /// <summary>A buffer is linked: it offers what it has.</summary>
    public void Link(Offerer buffer)
    {
        while (!IsClosed && buffer.Buffer!.TryPeek(out int value))
        {
            buffer.Value = value;
            if (Offer(buffer, consumeToAccept: false) == DataflowMessageStatus.Postponed)
                return;
            buffer.Buffer.Dequeue();
        }
    }

    /// <summary>The oldest message is handled.</summary>
    public int Handle()
    {
        int value = Outstanding[0];
        Outstanding.RemoveAt(0);
        ServeLine();
        return value;
    }

    public void Close(bool isFault)
    {
        IsClosed = true;
        IsFaulted = isFault;
        if (isFault)
            Outstanding.Clear();
        foreach (var offerer in _line)
        {
            offerer.IsTaken = false;
            offerer.Calls?.Add($"reserve {offerer.Header}");
            if (offerer.IsAvailable)
                offerer.Calls?.Add($"release {offerer.Header}");
        }

        _line.Clear();
    }

    private void ServeLine()
    {
        while (_line.Count > 0 && Outstanding.Count < limit)
        {
            var first = _line[0];
            _line.RemoveAt(0);
            if (Consume(first) && first.Buffer is { } buffer)
            {
                buffer.Dequeue();
                Link(first);
            }
        }
    }

    private bool Consume(Offerer offerer)
    {
        offerer.Calls?.Add($"consume {offerer.Header}");
        if (!offerer.IsAvailable)
            return false;
        Accept(offerer);
        return true;
    }

    private void Accept(Offerer offerer)
    {
        offerer.IsTaken = true;
        Outstanding.Add(offerer.Value);
    }
}
