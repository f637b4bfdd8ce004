namespace Qi.Actors.Workloads.Savina;

/// <summary>
/// Ten series of the logistic map, 25,000 terms each: a party for each series, which asks another for each next term.
/// </summary>
public static class LogisticMap
{
    private const int Series = 10;
    private const double FirstRate = 3.46;
    private const double Step = 0.0025; // from one series' rate, and from one series' first term, to the next's

    public static Workload Workload { get; } = Benchmark.Of(
        "logistic-map", "term", 250_000,
        Memo.Of(static size => Sequentially(size / Series)),
        Run<QiCarrier>, Run<BlockCarrier>, Series);

    private enum Word
    {
        Next,
        Get,
        Result,
    }

    private static double Rate(int series) => FirstRate + (series * Step);

    private static double FirstTerm(int series) => series * Step;

    private static double NextTerm(double term, double rate) => rate * term * (1 - term);

    // The bits of the sum: it must be the same to the last one, because the terms are added in the same order.
    private static long BitsOfSum(IEnumerable<double> terms) => BitConverter.DoubleToInt64Bits(terms.Sum());

    private static long Sequentially(int terms)
    {
        double[] last = new double[Series];
        for (int series = 0; series < Series; series++)
        {
            last[series] = FirstTerm(series);
            for (int i = 0; i < terms; i++)
                last[series] = NextTerm(last[series], Rate(series));
        }

        return BitsOfSum(last);
    }

    private static long Run<TCarrier>(ActorSystem system, int size)
        where TCarrier : struct, ICarrier
    {
        var round = new Round<TCarrier>(system);
        round.AwaitParts(Series);
        var workers = new Worker<TCarrier>[Series];
        for (int i = 0; i < Series; i++)
        {
            var computer = round.Add(new Computer<TCarrier>(Rate(i)));
            round.Add(workers[i] = new Worker<TCarrier>(round, computer, FirstTerm(i)));
        }

        round.Add(new Master<TCarrier>(workers)).Tell(Benchmark.Share(size, Series));
        round.End();
        return BitsOfSum(workers.Select(static worker => worker.Term));
    }

    private readonly record struct Message(Word Word, double Term);

    private readonly record struct Question<TCarrier>(double Term, Party<TCarrier, Message> ReplyTo)
        where TCarrier : struct, ICarrier;

    private sealed class Master<TCarrier>(Worker<TCarrier>[] workers) : Role<TCarrier, int>
        where TCarrier : struct, ICarrier
    {
        public override void Receive(int message)
        {
            for (int i = 0; i < message; i++)
                TellAll(Word.Next);
            TellAll(Word.Get);
        }

        private void TellAll(Word word)
        {
            foreach (var worker in workers)
                worker.Self.Tell(new Message(word, 0));
        }
    }

    // While it awaits a term it keeps what else comes for later.
    private sealed class Worker<TCarrier>(Round<TCarrier> round, Party<TCarrier, Question<TCarrier>> computer, double firstTerm)
        : Role<TCarrier, Message>
        where TCarrier : struct, ICarrier
    {
        private readonly Queue<Word> _stash = new();
        private bool _awaits;

        public double Term { get; private set; } = firstTerm;

        public override void Receive(Message message)
        {
            if (message.Word == Word.Result)
            {
                Term = message.Term;
                _awaits = false;
            }
            else
            {
                _stash.Enqueue(message.Word);
            }

            while (!_awaits && _stash.TryDequeue(out var word))
                Handle(word);
        }

        private void Handle(Word word)
        {
            if (word == Word.Get)
            {
                round.Finish(0);
                return;
            }

            _awaits = true;
            computer.Tell(new Question<TCarrier>(Term, Self));
        }
    }

    private sealed class Computer<TCarrier>(double rate) : Role<TCarrier, Question<TCarrier>>
        where TCarrier : struct, ICarrier
    {
        public override void Receive(Question<TCarrier> message)
            => message.ReplyTo.Tell(new Message(Word.Result, NextTerm(message.Term, rate)));
    }
}
