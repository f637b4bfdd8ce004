using System.Runtime.CompilerServices;

using Qi.Actors.Collections;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Collections;

/// <summary>Message nodes and the magazines they come from.</summary>
public sealed class MagazineTests
{
    [Test]
    public void Rent_GivesNodesThatNobodyElseHas()
    {
        var subject = new ReferenceMagazine();
        MessageNode[] nodes = [.. Enumerable.Range(0, 1_000).Select(_ => subject.Rent())];
        Assert.That(nodes.Distinct().Count(), Is.EqualTo(nodes.Length));
        Assert.That(nodes, Has.All.Matches<MessageNode>(static node => node is { Next: null, Context: null }));
        foreach (var node in nodes)
            subject.Return(node);
        MessageNode[] again = [.. Enumerable.Range(0, 1_000).Select(_ => subject.Rent())];
        Assert.That(again.Distinct().Count(), Is.EqualTo(again.Length));
        Assert.That(again, Has.All.Matches<MessageNode>(static node => node is { Next: null, Context: null }));
    }

    [Test]
    public void Return_MakesNodesThatAreRentedAgain()
    {
        var subject = new ReferenceMagazine();
        var node = subject.Rent();
        subject.Return(node);
        Assert.That(subject.Rent(), Is.SameAs(node));
    }

    [Test]
    public void RentAndReturn_AtAMagazinesEdge_KeepTheNodesInTheThread()
    {
        var subject = new ValueMagazine<Edge>();
        MessageNode[] nodes = [.. Enumerable.Range(0, Magazine.Size * 2).Select(_ => subject.Rent())];
        foreach (var node in nodes)
            subject.Return(node);
        var known = nodes.ToHashSet();
        for (int i = 0; i < 1_000; i++)
        {
            var first = subject.Rent();
            var second = subject.Rent();
            Assert.That(known.Contains(first) && known.Contains(second), Is.True);
            subject.Return(first);
            subject.Return(second);
        }
    }

    [Test]
    public void Take_GivesTheMessageAndKeepsNothing()
    {
        var nodes = new ReferenceMagazine();
        var text = MessageNode.Rent("text", nodes);
        var boxes = MessageNode.Rent(new Holder(nodes), nodes);
        Assert.That((text.Boxed, text.ValueType, boxes.ValueType), Is.EqualTo(((object?)"text", default(Type), typeof(Holder))));
        Assert.That(MessageNode.Take<string>(text), Is.EqualTo("text"));
        Assert.That(MessageNode.Take<Holder>(boxes).Value, Is.SameAs(nodes));
        Assert.That((text.Boxed, ((Holder)boxes.Boxed!).Value), Is.EqualTo((default(object), default(object))));
        MessageNode.Return<string>(text, nodes);
        MessageNode.Return<Holder>(boxes, nodes);
    }

    [Test]
    [Category("Stress")]
    public async Task Nodes_FromSendersToReceivers_TravelBackThroughTheDepot()
    {
        const int Count = 200_000;
        var channel = System.Threading.Channels.Channel.CreateBounded<MessageNode>(512);
        var made = new ConditionalWeakTable<MessageNode, object>();
        int fresh = 0;
        var receiver = Task.Run(async () =>
        {
            long sum = 0;
            var magazine = new ValueMagazine<Travelling>();
            await foreach (var node in channel.Reader.ReadAllAsync())
            {
                sum += MessageNode.Take<Travelling>(node).Number;
                magazine.Return(node);
            }

            return sum;
        });
        var sending = new ValueMagazine<Travelling>();
        for (int i = 1; i <= Count; i++)
        {
            var node = sending.Rent();
            if (made.TryAdd(node, node))
                fresh++;
            ((ValueNode<Travelling>)node).Value = new Travelling(i);
            await channel.Writer.WriteAsync(node);
        }

        channel.Writer.Complete();
        Assert.That(await Signal.Within(receiver), Is.EqualTo((long)Count * (Count + 1) / 2));
        Assert.That(fresh, Is.LessThan(Count / 10), "nearly all nodes were used again");
    }

    private readonly record struct Edge(int Number);

    private readonly record struct Travelling(int Number);

    private readonly record struct Holder(object? Value);
}
