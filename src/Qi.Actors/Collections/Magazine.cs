// Free message nodes, kept by each thread in two magazines, so that the common rent and return take no atomic operation.
//
// A sender empties its magazines and a receiver fills its own, so full magazines travel through a depot shared by all
// threads: one lock for every 64 nodes. The depot is bounded; what does not fit is left to the collector.
// Written by the owning thread only: everything but the depot.
// Source: J. Bonwick and J. Adams, "Magazines and Vmem", USENIX 2001 (the two-magazine rule, which keeps a thread that
// alternates at a magazine's edge away from the depot).

using System.Runtime.CompilerServices;

namespace Qi.Actors.Collections;

/// <summary>A thread's free nodes of one kind.</summary>
internal abstract class Magazine(MagazineDepot depot)
{
    /// <summary>How many nodes make a full magazine.</summary>
    public const int Size = 64;

    private MessageNode? _loaded;
    private MessageNode? _full;
    private int _count;

    /// <summary>Takes a node; its Next and Context are null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public MessageNode Rent()
    {
        var node = _loaded;
        if (node is null)
            return RentSlow();
        _loaded = node.Next;
        _count--;
        node.Next = null;
        return node;
    }

    /// <summary>Gives a node back; its Context must be null and its message taken.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Return(MessageNode node)
    {
        node.Next = _loaded;
        _loaded = node;
        if (++_count == Size)
            Unload();
    }

    /// <summary>Gives back the first nodes of a chain, one by one.</summary>
    public void ReturnRun(MessageNode first, int count)
    {
        for (; count > 0; count--)
        {
            var next = first.Next;
            Return(first);
            first = next!;
        }
    }

    /// <summary>Gives back a chain of exactly <see cref="Size"/> nodes, the last of which links to nothing.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void ReturnFull(MessageNode chain)
    {
        if (_full is null)
            _full = chain;
        else
            depot.Put(chain);
    }

    protected abstract MessageNode Create();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private MessageNode RentSlow()
    {
        var chain = _full ?? depot.TryTake();
        _full = null;
        if (chain is null)
            return Create();
        _loaded = chain.Next;
        _count = Size - 1;
        chain.Next = null;
        return chain;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Unload()
    {
        if (_full is not null)
            depot.Put(_full);
        _full = _loaded;
        _loaded = null;
        _count = 0;
    }
}

/// <summary>Free nodes for messages of reference types.</summary>
internal sealed class ReferenceMagazine() : Magazine(s_depot)
{
    private static readonly MagazineDepot s_depot = new();

    protected override MessageNode Create() => new ReferenceNode();
}

/// <summary>Free nodes for messages of one value type.</summary>
internal sealed class ValueMagazine<T>() : Magazine(s_depot)
{
    private static readonly MagazineDepot s_depot = new();

    [ThreadStatic]
    private static ValueMagazine<T>? t_instance;

    /// <summary>The calling thread's magazine.</summary>
    public static ValueMagazine<T> Instance
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => t_instance ??= new ValueMagazine<T>();
    }

    protected override MessageNode Create() => new ValueNode<T>();
}
