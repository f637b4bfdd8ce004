namespace Qi.Actors.Load.Stress;

/// <summary>Pairs that answer each other, with some messages under way all the time.</summary>
internal sealed class PairsShape<T>(ShapeSetting setting, NodeKind kind) : NodeShape<T>(setting)
    where T : IStressMessage<T>
{
    public override void Start(ActorSystem system)
    {
        int pairs = Setting.Random.Next(1, 33);
        int window = Setting.Random.Next(1, 65);
        var firsts = new List<Spawned<T>>();
        for (int i = 0; i < pairs; i++)
        {
            var a = Spawn(system, 1, Route.Answer, kind);
            var b = Spawn(system, 1, Route.Answer, kind);
            a.Core.Add(new Link<T>(b.Target, 1) { Kick = window }, 1);
            b.Core.Add(new Link<T>(a.Target, 1), 1);
            firsts.Add(a);
        }

        firsts.ForEach(Kick);
    }
}

/// <summary>A ring in which tokens go round.</summary>
internal sealed class RingShape<T>(ShapeSetting setting) : NodeShape<T>(setting)
    where T : IStressMessage<T>
{
    public override void Start(ActorSystem system)
    {
        var nodes = Enumerable.Range(0, Setting.Random.Next(2, 201)).Select(_ => Spawn(system, 1, Route.Next, NodeKind.Actor)).ToArray();
        for (int i = 0; i < nodes.Length; i++)
            nodes[i].Core.Add(new Link<T>(nodes[(i + 1) % nodes.Length].Target, 1) { Kick = 1 });
        foreach (var node in nodes.Take(Setting.Random.Next(1, nodes.Length + 1)))
            Kick(node);
    }
}

/// <summary>A random graph on which tokens wander.</summary>
internal sealed class RandomGraphShape<T>(ShapeSetting setting) : NodeShape<T>(setting)
    where T : IStressMessage<T>
{
    public override void Start(ActorSystem system)
    {
        var random = Setting.Random;
        int count = random.Next(3, 101);
        var targets = Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.Next(count)).Distinct().ToArray()).ToArray();
        var inDegrees = new int[count];
        foreach (int target in targets.SelectMany(list => list))
            inDegrees[target]++;
        var nodes = inDegrees.Select(degree => Spawn(system, degree, Route.Random, NodeKind.Actor)).ToArray();
        for (int i = 0; i < count; i++)
        {
            foreach (int target in targets[i])
                nodes[i].Core.Add(new Link<T>(nodes[target].Target, inDegrees[target]--) { Kick = random.Next(1, 9) });
        }

        foreach (var node in nodes)
            Kick(node);
    }
}

/// <summary>Who sends in a fan.</summary>
internal enum Origin
{
    Node,
    Thread,
    Task,
}

/// <summary>Some producers that each send to all of some receivers, within a window kept by acknowledgements.</summary>
internal sealed class FanShape<T>(ShapeSetting setting, FanSetting fan) : NodeShape<T>(setting)
    where T : IStressMessage<T>
{
    private const int PrioritiesOfEdges = 3;

    private int _every;
    private int _permits;

    public override void Start(ActorSystem system)
    {
        int producers = fan.Producers == 0 ? Setting.Random.Next(2, 17) : fan.Producers;
        int receivers = fan.Receivers == 0 ? Setting.Random.Next(2, 17) : fan.Receivers;
        _every = 1 << Setting.Random.Next(0, 8);
        _permits = Setting.Random.Next(1, 5);
        var mailbox = fan.IsPrioritized ? MailboxOptions.Prioritized<T>(static message => message.Edge % PrioritiesOfEdges) : null;
        var sinks = Enumerable.Range(0, receivers).Select(_ => Spawn(system, producers, Route.Answer, fan.Kind, mailbox)).ToArray();
        if (fan.Origin == Origin.Node)
            StartNodes(system, sinks, producers);
        else
            StartOutside(sinks, producers);
    }

    private void StartNodes(ActorSystem system, Spawned<T>[] sinks, int producers)
    {
        var sources = Enumerable.Range(0, producers).Select(_ => Spawn(system, sinks.Length, Route.Answer, fan.Kind)).ToArray();
        for (int i = 0; i < producers; i++)
        {
            for (int j = 0; j < sinks.Length; j++)
            {
                sources[i].Core.Add(new Link<T>(sinks[j].Target, i + 1) { Burst = _every, Kick = _every * _permits }, j + 1);
                sinks[j].Core.Add(new Link<T>(sources[i].Target, j + 1) { Every = _every }, i + 1);
            }
        }

        foreach (var source in sources)
            Kick(source);
    }

    private void StartOutside(Spawned<T>[] sinks, int producers)
    {
        var roads = new List<Road<T>[]>();
        for (int i = 0; i < producers; i++)
        {
            int edge = i + 1;
            var list = sinks.Select(sink => new Road<T>(new Link<T>(sink.Target, edge), new Credits(_permits) { Every = _every })).ToArray();
            for (int j = 0; j < sinks.Length; j++)
                sinks[j].Core.Add(list[j].Credits, edge);
            roads.Add(list);
        }

        foreach (var list in roads)
        {
            if (fan.Origin == Origin.Thread)
                StartThread(() => Produce(list));
            else
                StartTask(() => ProduceAsync(list));
        }
    }

    private void Produce(Road<T>[] roads)
    {
        var outbox = NewOutbox();
        for (int i = 0; !IsStopping; i = (i + 1) % roads.Length)
        {
            roads[i].Credits.Semaphore.Wait();
            roads[i].Link.Send(this, outbox, _every, T.Create);
        }
    }

    private async Task ProduceAsync(Road<T>[] roads)
    {
        var outbox = NewOutbox();
        for (int i = 0; !IsStopping; i = (i + 1) % roads.Length)
        {
            await roads[i].Credits.Semaphore.WaitAsync();
            roads[i].Link.Send(this, outbox, _every, T.Create);
        }
    }

    private sealed record Road<TMessage>(Link<TMessage> Link, Credits Credits);
}

/// <summary>Who and how many in a fan; 0 for a random number.</summary>
internal sealed record FanSetting(Origin Origin = Origin.Node, int Producers = 0, int Receivers = 0, NodeKind Kind = NodeKind.Actor, bool IsPrioritized = false);
