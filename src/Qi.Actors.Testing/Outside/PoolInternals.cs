// The private side of the thread pool. A pool thread has a queue of its own, reachable through a thread static; work that is not asked to be fair
// (Task.Run, continuations, most of the framework's own) goes to the queue of the thread that gives it, if it has one, and to the global queue
// otherwise. Other threads steal from the queues that stand in a list. A thread whose static leads to a queue that is not in the list keeps its work
// for itself.

namespace Qi.Actors.Testing.Outside;

/// <summary>Access to the thread pool's queue of a thread.</summary>
internal sealed class PoolInternals
{
    private readonly Type _threadType = PrivateMember.Type("System.Threading.ThreadPoolWorkQueueThreadLocals");
    private readonly Type _queueType = PrivateMember.Type("System.Threading.ThreadPoolWorkQueue+WorkStealingQueue");
    private readonly object _pool = PrivateMember.StaticValue(typeof(ThreadPool), "s_workQueue");
    private readonly FieldOf<object?> _workQueue;
    private readonly FieldOf<object?> _localQueue;
    private readonly FieldOf<object?> _globalQueue;
    private readonly FieldOf<object?> _poolGlobalQueue;
    private readonly FieldOf<object?> _thread;
    private readonly FieldOf<object?[]> _items;
    private readonly FieldOf<int> _mask;
    private readonly FieldOf<int> _head;
    private readonly FieldOf<int> _tail;
    private readonly StealFrom _steal;
    private readonly Action<object, Thread?> _runTask;

    public PoolInternals()
    {
        Current = PrivateMember.Field<object?>(_threadType, "threadLocals");
        _workQueue = PrivateMember.Field<object?>(_threadType, "workQueue");
        _localQueue = PrivateMember.Field<object?>(_threadType, "workStealingQueue");
        _globalQueue = PrivateMember.Field<object?>(_threadType, "assignedGlobalWorkItemQueue");
        _thread = PrivateMember.Field<object?>(_threadType, "currentThread");
        _poolGlobalQueue = PrivateMember.Field<object?>(_pool.GetType(), "workItems");
        _items = PrivateMember.Field<object?[]>(_queueType, "m_array");
        _mask = PrivateMember.Field<int>(_queueType, "m_mask");
        _head = PrivateMember.Field<int>(_queueType, "m_headIndex");
        _tail = PrivateMember.Field<int>(_queueType, "m_tailIndex");
        _steal = PrivateMember.Method<StealFrom>(_queueType, "TrySteal", typeof(bool).MakeByRefType());
        _runTask = PrivateMember.Method<Action<object, Thread?>>(typeof(Task), "ExecuteFromThreadPool", typeof(Thread));
    }

    private delegate object? StealFrom(object queue, ref bool missed);

    /// <summary>This thread's part of the pool. Null for a thread that is not the pool's.</summary>
    public FieldOf<object?> Current { get; }

    /// <summary>A part of the pool that nobody steals from, for this thread.</summary>
    public (object Part, object Queue) NewPart(object? globalQueue)
    {
        // The constructor would enter its queue in the list. The finalizer gives to the pool what is left in the queue: nothing is, after a turn.
        object part = System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(_threadType);
        object queue = Activator.CreateInstance(_queueType, nonPublic: true)!;
        _workQueue(part) = _pool;
        _localQueue(part) = queue;
        _globalQueue(part) = globalQueue ?? _poolGlobalQueue(_pool); // used instead of the pool's on machines with more than 32 processors
        _thread(part) = Thread.CurrentThread;
        return (part, queue);
    }

    /// <summary>The slot that the next item of a queue will be put into, unless the queue must grow for it; it is empty.</summary>
    public (object?[] Slots, int Index) NextSlot(object queue) => (_items(queue), _tail(queue) & _mask(queue));

    /// <summary>True if nothing is in a queue.</summary>
    public bool IsEmpty(object queue) => _head(queue) >= _tail(queue);

    /// <summary>Takes the oldest item.</summary>
    public object? Take(object queue)
    {
        bool missed = false;
        return _steal(queue, ref missed);
    }

    /// <summary>Does with an item what a pool thread does.</summary>
    public void Run(object work)
    {
        if (work is Task task)
            _runTask(task, null);
        else
            ((IThreadPoolWorkItem)work).Execute();
    }
}
