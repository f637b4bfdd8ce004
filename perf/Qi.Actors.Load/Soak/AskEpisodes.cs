namespace Qi.Actors.Load.Soak;

/// <summary>Questions and what becomes of them. A question is a message with a fate; so is a reply that comes too late.</summary>
internal static class AskEpisodes
{
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(2);

    public static async Task Ask(SoakContext context)
    {
        var options = new ActorOptions { Priority = context.RandomPriority() };
        var late = new List<Question>();
        var actor = context.System.Spawn<Question>(
            question =>
            {
                question.Content.Settle(Fate.Handled);
                switch (question.Kind)
                {
                    case Kind.Reply: question.ReplyTo.Tell(question.Content); break;
                    case Kind.Fail: question.ReplyTo.Fail(new FormatException("planned")); break;
                    case Kind.Throw: throw new InvalidOperationException("planned");
                    default: late.Add(question); break;
                }
            },
            options: options);
        int rounds = context.Random.Next(5, 30);
        for (int round = 0; round < rounds; round++)
            await AskOnce(context, actor, (Kind)context.Random.Next((int)Kind.Throw), context.Random.Next(2) == 0);
        await context.Within(AskOnce(context, actor, Kind.Throw, isInside: false), "the answer of an actor that fails");
        await context.Within(Task.WhenAny(actor.Completion), "the end of an actor that fails");
        AnswerLate(context, late);
        context.Check(await context.Throws<AskRefusedException>(() => AskAsync(context, actor, Kind.Reply)), "a stopped actor was asked");
        await AskFull(context);
        await AskForAnActor(context);
    }

    public static async Task AskMany(SoakContext context)
    {
        var responder = context.System.Spawn<Question>(static question =>
        {
            question.Content.Settle(Fate.Handled);
            question.ReplyTo.Tell(question.Content);
        });
        int count = context.Random.Next(50, 500);
        var middle = context.System.Spawn<Question>(async question =>
        {
            question.Content.Settle(Fate.Handled);
            var inner = context.Ledger.NewMessage();
            var reply = await responder.AskAsync<SoakMessage>(to => new Question(inner, to, Kind.Reply), context.Patience);
            context.Check(ReferenceEquals(reply, inner), "an actor got another's reply");
            question.ReplyTo.Tell(question.Content);
        });
        var askers = Enumerable.Range(0, 6).Select(asker => asker % 2 == 0
            ? context.Run(() => AskManyInside(context, asker == 0 ? middle : responder, count))
            : Task.Run(() => AskManyOutside(context, asker == 1 ? middle : responder, count)));
        await context.Within(Task.WhenAll(askers), "all askers");
        await context.Within(Task.WhenAll(responder.StopAsync(), middle.StopAsync()), "the responders' ends");
    }

    private static async Coroutine AskManyInside(SoakContext context, ActorRef<Question> actor, int count)
    {
        for (int i = 0; i < count; i++)
        {
            var message = context.Ledger.NewMessage();
            context.Check(ReferenceEquals(await Question.Ask(context, actor, message, Kind.Reply), message), "a coroutine got another's reply");
        }
    }

    private static async Task AskManyOutside(SoakContext context, ActorRef<Question> actor, int count)
    {
        for (int i = 0; i < count; i++)
        {
            var message = context.Ledger.NewMessage();
            context.Check(ReferenceEquals(await Question.Ask(context, actor, message, Kind.Reply), message), "a task got another's reply");
        }
    }

    private static async Task AskOnce(SoakContext context, ActorRef<Question> actor, Kind kind, bool isInside)
    {
        try
        {
            var reply = isInside ? await context.Run(() => AskInside(context, actor, kind)) : await AskAsync(context, actor, kind);
            context.Check(kind == Kind.Reply && reply is not null, $"{kind} was answered");
        }
        catch (FormatException)
        {
            context.Check(kind == Kind.Fail, $"{kind} failed");
        }
        catch (AskTimeoutException)
        {
            context.Check(kind is Kind.TimeOut or Kind.Throw, $"{kind} timed out");
        }
        catch (OperationCanceledException)
        {
            context.Check(kind == Kind.Cancel, $"{kind} was cancelled");
        }
    }

    private static async Coroutine<SoakMessage> AskInside(SoakContext context, ActorRef<Question> actor, Kind kind) => await AskAsync(context, actor, kind);

    private static async Task<SoakMessage> AskAsync(SoakContext context, ActorRef<Question> actor, Kind kind)
    {
        using var cancel = new CancellationTokenSource();
        var message = context.Ledger.NewMessage();
        var asking = Question.Ask(context, actor, message, kind, cancel.Token);
        if (kind == Kind.Cancel)
            await cancel.CancelAsync();
        try
        {
            return await asking;
        }
        catch (AskRefusedException)
        {
            message.SettleRefused(); // Its asker knows: no dead letter.
            throw;
        }
    }

    // Replies to questions whose askers have gone are dead letters: messages of their own.
    private static void AnswerLate(SoakContext context, List<Question> late)
    {
        foreach (var question in late)
            context.Check(!question.ReplyTo.Tell(context.Ledger.NewMessage()), "a late reply was taken");
    }

    private static async Task AskFull(SoakContext context)
    {
        using var gate = new ManualResetEventSlim();
        var actor = context.System.Spawn<Question>(
            question =>
            {
                question.Content.Settle(Fate.Handled);
                gate.Wait(context.Patience);
                question.ReplyTo.Tell(question.Content);
            },
            options: new ActorOptions { Mailbox = MailboxOptions.Bounded(1, MailboxFullMode.Reject) });
        var asks = Enumerable.Range(0, 4).Select(_ => AskAsync(context, actor, Kind.Reply)).ToArray();
        await context.Until(() => asks.Count(static ask => ask.IsFaulted) >= 2);
        gate.Set();
        await context.Within(Task.WhenAny(Task.WhenAll(asks)), "asks of a full actor");
        context.Check(asks.Any(static ask => ask.Exception?.InnerException is AskRefusedException { Status: TellStatus.Full }), "nobody was refused by a full mailbox");
        await context.Within(actor.StopAsync(), "the end of a full actor");
    }

    private static async Task AskForAnActor(SoakContext context)
    {
        var sink = new Sink(context.Ledger, 1);
        var listener = context.System.Spawn<SoakMessage>(sink.Handle);
        var actor = context.System.Spawn<Question>(question =>
        {
            question.Content.Settle(Fate.Handled);
            question.ReplyTo.Tell(context.Ledger.NewMessage());
        });
        actor.Tell(new Question(context.Ledger.NewMessage(), listener, Kind.Reply));
        await context.Within(actor.StopAsync(), "an actor's end");
        await context.Within(listener.StopAsync(), "a listener's end");
    }

    private enum Kind
    {
        Reply,
        Fail,
        TimeOut,
        Cancel,
        Throw,
    }

    private sealed record Question(SoakMessage Content, ReplyTo<SoakMessage> ReplyTo, Kind Kind) : ISoakMessage
    {
        public static ValueTask<SoakMessage> Ask(SoakContext context, ActorRef<Question> actor, SoakMessage message, Kind kind, CancellationToken cancellation = default)
            => actor.AskAsync<(SoakMessage Message, Kind Kind), SoakMessage>(
                (message, kind),
                static (state, replyTo) => new Question(state.Message, replyTo, state.Kind),
                kind is Kind.TimeOut or Kind.Throw ? s_short : context.Patience,
                cancellation);
    }
}
