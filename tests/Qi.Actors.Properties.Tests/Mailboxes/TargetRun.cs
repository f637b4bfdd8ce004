using System.Threading.Tasks.Dataflow;

using Qi.Actors.Properties.Tests.Kit;
using Qi.Actors.Tests.Mailboxes;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Properties.Tests.Mailboxes;

/// <summary>A target block and its model, brought to rest after each step.</summary>
internal sealed class TargetRun : IDisposable
{
    public const int Sources = 3;

    private readonly OfferingSubject _subject;
    private readonly TargetModel _model;
    private readonly bool _isGated;
    private readonly bool _mayRevoke;
    private readonly TaskScheduler _scheduler;
    private readonly ManualSource<int>[] _sources = [.. Enumerable.Range(0, Sources).Select(_ => new ManualSource<int>(0))];
    private readonly Offerer[] _offerers = [.. Enumerable.Range(0, Sources).Select(_ => new Offerer { Calls = [] })];
    private readonly List<(Offerer Offerer, Task<bool> Task, CancellationTokenSource Cancel)> _sends = [];
    private readonly List<(Offerer Offerer, BufferBlock<int> Block)> _links = [];
    private int _lastValue;
    private bool _isBusy;

    /// <param name="subject">The target and how to let it handle messages.</param>
    /// <param name="scheduler">Where the stock blocks of this run do their work.</param>
    /// <param name="limit">How many messages it takes, the one in its handler included.</param>
    /// <param name="isGated">Whether it has a handler; else messages are received from it.</param>
    /// <param name="mayRevoke">Whether offers may be gone when the target comes to fetch them.</param>
    public TargetRun(OfferingSubject subject, TaskScheduler scheduler, int limit, bool isGated, bool mayRevoke = true)
    {
        _mayRevoke = mayRevoke;
        _subject = subject;
        _scheduler = scheduler;
        _isGated = isGated;
        _model = new TargetModel(limit);
    }

    private ITargetBlock<int> Target => _subject.Target;

    public void Post()
    {
        int value = ++_lastValue;
        var expected = _model.Post(value);
        Expect.Equal(Target.OfferMessage(new DataflowMessageHeader(value), value, null, consumeToAccept: false), expected, "the answer");
        Settle();
    }

    /// <summary>A source offers a new message; one that is gone can only be offered to be consumed.</summary>
    public void Offer(int source, bool consumeToAccept, bool isGone)
    {
        if (_model.IsClosed)
        {
            // A source of its own: the target may still have to refuse what the others have offered.
            Expect.Equal(new ManualSource<int>(0).Offer(Target, 1, consumeToAccept), DataflowMessageStatus.DecliningPermanently, "the answer");
            return;
        }

        var offerer = _offerers[source];
        offerer.Header++;
        offerer.Value = _sources[source].Value = ++_lastValue;
        offerer.IsAvailable = _sources[source].IsAvailable = !(isGone && consumeToAccept && _mayRevoke);
        var expected = _model.Offer(offerer, consumeToAccept);
        Expect.Equal(_sources[source].Offer(Target, offerer.Header, consumeToAccept), expected, "the answer");
        Settle();
    }

    /// <summary>What the source has offered last is not to be had any more.</summary>
    public void Revoke(int source)
    {
        if (!_model.IsClosed && _mayRevoke)
            _offerers[source].IsAvailable = _sources[source].IsAvailable = false;
    }

    public void Send()
    {
        var offerer = new Offerer { Value = ++_lastValue };
        _model.Offer(offerer, consumeToAccept: true);
        var cancel = new CancellationTokenSource();
        _sends.Add((offerer, DataflowBlock.SendAsync(Target, offerer.Value, cancel.Token), cancel));
        Settle();
    }

    public void CancelSend(int index)
    {
        if (_sends.Count == 0 || !_mayRevoke)
            return;
        var (offerer, task, cancel) = _sends[index % _sends.Count];
        if (offerer.IsTaken is not null)
            return;
        offerer.IsAvailable = false;
        cancel.Cancel();
        Wait.ForEnd(task, "the end of a cancelled send");
        Expect.Equal(task.IsCanceled, true, "the send is cancelled");
    }

    /// <summary>A stock buffer with some messages is linked to the target.</summary>
    public void Link(int messages)
    {
        var block = new BufferBlock<int>(new DataflowBlockOptions { TaskScheduler = _scheduler });
        var offerer = new Offerer { Buffer = new Queue<int>() };
        for (int i = 0; i < messages; i++)
        {
            block.Post(++_lastValue);
            offerer.Buffer.Enqueue(_lastValue);
        }

        _links.Add((offerer, block));
        _model.Link(offerer);
        block.LinkTo(Target);
        Settle();
    }

    public void HandleOne()
    {
        if (_model.Outstanding.Count == 0)
            return;
        int expected = _model.Handle();
        _isBusy = false;
        Expect.Equal(Wait.For(_subject.HandleOne(), "a message to be handled"), expected, "the handled message");
        Settle();
    }

    /// <summary>The first end counts. Stock blocks differ in what a fault does to messages that a completing block still holds.</summary>
    public void Close(bool isFault)
    {
        if (_model.IsClosed)
            return;
        _model.Close(isFault);
        if (isFault)
            Target.Fault(new InvalidOperationException("enough"));
        else
            Target.Complete();
        Settle();
    }

    /// <summary>Everything that was accepted is handled in order, the line is refused, and the target ends.</summary>
    public void Finish()
    {
        while (_model.Outstanding.Count > 0)
            HandleOne();
        if (!_model.IsClosed)
            Close(isFault: false);
        _subject.LetAllThrough();
        Wait.ForEnd(Target.Completion, "Completion");
        Expect.Equal(Target.Completion.IsFaulted, _model.IsFaulted, "the target has failed");
        CheckCalls();
    }

    public void Dispose()
    {
        Wait.For(_subject.DisposeAsync().AsTask(), "the end of the subject");
        foreach (var (_, _, cancel) in _sends)
            cancel.Dispose();
    }

    private void Settle()
    {
        Wait.Barrier(_scheduler);
        if (_isGated && !_isBusy && _model.Outstanding.Count > 0)
        {
            Wait.For(_subject.Busy(), "a message to come to the handler");
            _isBusy = true;
            Wait.Barrier(_scheduler);
        }

        // A target that ends refuses its line when its handler comes back, so as late as in the end.
        if (!_model.IsClosed)
            CheckCalls();
    }

    private void CheckCalls()
    {
        for (int source = 0; source < Sources; source++)
        {
            int self = source;
            Wait.Equal(() => _sources[self].Calls, _offerers[self].Calls!, $"what the target did with source {self}");
        }

        foreach (var (offerer, task, cancel) in _sends)
        {
            if (offerer.IsTaken is null || cancel.IsCancellationRequested)
                continue;
            Expect.Equal(Wait.For(task, "the end of a send"), offerer.IsTaken.Value, "the send's result");
        }

        foreach (var (offerer, block) in _links)
            Wait.Equal(() => [block.Count], [offerer.Buffer!.Count], "what is left in a linked buffer");
    }
}
