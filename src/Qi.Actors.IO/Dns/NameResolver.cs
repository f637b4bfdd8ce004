// Names to addresses. The operating system's resolver blocks, cannot be told to stop, and may take a minute: so it runs on a few threads for blocking work, and
// whoever waits waits for the answer only, with a deadline and a token of its own.
//
// A question (name and family) is in _questions from when it is first asked until its answer is too old: whoever asks the same meanwhile shares it. One that nobody waits
// for any more and that no thread has taken yet is dropped; one that a thread has taken ends by itself, and its answer is kept as any.
//
// The lock guards everything but the answer, which is completed outside of it. N1: a question is in _line exactly while no thread has taken it. N2: _lookUps
// threads take from _line, at most MostLookUps, and one ends only when it finds the line empty: so a question in the line is always going to be taken.

using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Qi.Actors.IO;

/// <summary>Looks up the addresses of names.</summary>
/// <remarks>
/// <b>Threads</b>: any. <b>Cost</b>: a literal address and an answer that is kept cost no thread and no wait; equal questions in progress share one look-up.
/// <b>Order</b>: addresses stand as the system's resolver gives them, the preferred one first.
/// </remarks>
public sealed class NameResolver
{
    private const int MostNameLength = 255;

    private static readonly ConditionalWeakTable<ActorSystem, NameResolver> s_resolvers = [];

    private readonly NameResolverOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Host, AddressFamily Family), Question> _questions = [];
    private readonly LinkedList<Question> _line = [];
    private int _lookUps;

    /// <summary>Makes a resolver with answers of its own. <see cref="SystemNames.GetNames"/> gives the one that a system has anyway.</summary>
    /// <param name="system">Whose blocking threads look up, and whose clock counts.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option has a value that it may not have.</exception>
    public NameResolver(ActorSystem system, NameResolverOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(system);
        _options = options ?? NameResolverOptions.Default;
        _options.Validate();
        System = system;
        _time = system.TimeProvider;
    }

    /// <summary>Whose threads look up.</summary>
    public ActorSystem System { get; }

    /// <summary>How many answers, failures and questions in progress there are, for tests.</summary>
    internal int QuestionCount
    {
        get
        {
            lock (_lock)
                return _questions.Count;
        }
    }

    /// <summary>Looks up the addresses of a name.</summary>
    /// <param name="host">A name, or an address as text, which is its own answer.</param>
    /// <param name="family">IPv4, IPv6, or both, the default.</param>
    /// <param name="cancellationToken">Ends the wait; a look-up in progress ends by itself.</param>
    /// <returns>At least one address.</returns>
    /// <exception cref="IOException">The name has no such address, or nobody could be asked: the inner <see cref="SocketException"/> says which.</exception>
    /// <exception cref="TimeoutException">There was no answer within <see cref="NameResolverOptions.Timeout"/>.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ArgumentException">This cannot be a name, or the family is another one.</exception>
    /// <exception cref="ObjectDisposedException">The system has stopped.</exception>
    public ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(
        string host, AddressFamily family = AddressFamily.Unspecified, CancellationToken cancellationToken = default)
    {
        RequireName(host);
        if (family is not (AddressFamily.Unspecified or AddressFamily.InterNetwork or AddressFamily.InterNetworkV6))
            throw new ArgumentException($"{family} has no names. Use Unspecified, InterNetwork or InterNetworkV6.", nameof(family));
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<IReadOnlyList<IPAddress>>(cancellationToken);
        if (IPAddress.TryParse(host, out var literal))
        {
            return (IsOf(family, literal) ? new Answer([literal], null) : Answer.NotFound).ToTask(host);
        }

        Question question;
        bool isStarting = false;
        lock (_lock)
        {
            question = FindLocked(host, family, out bool isNew);
            if (question.Result is { } kept)
                return kept.ToTask(host);
            question.Waiters++;
            isStarting = isNew && _lookUps < _options.MostLookUps;
            _lookUps += isStarting ? 1 : 0;
        }

        if (isStarting)
            StartLookUp();
        return WaitAsync(question, host, cancellationToken);
    }

    /// <summary>Refuses what cannot be a name.</summary>
    internal static void RequireName(string host)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(host);
        if (host.Length > MostNameLength)
            throw new ArgumentException($"A name has at most {MostNameLength} characters; this one has {host.Length}: {host[..32]}…", nameof(host));
    }

    internal static NameResolver Of(ActorSystem system) => s_resolvers.GetValue(system, static system => new NameResolver(system));

    private static bool IsOf(AddressFamily family, IPAddress address) => family == AddressFamily.Unspecified || address.AddressFamily == family;

    private async ValueTask<IReadOnlyList<IPAddress>> WaitAsync(Question question, string host, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await question.Answer.Task.WaitAsync(_options.Timeout, _time, cancellationToken).ConfigureAwait(false);
            return answer.AddressesOf(host);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException(
                $"Looking up {host} was not over after {_options.Timeout}. The name server is slow or gone: try again, or raise NameResolverOptions.Timeout.", e);
        }
        finally
        {
            Leave(question);
        }
    }

    private Question FindLocked(string host, AddressFamily family, out bool isNew)
    {
        var key = (host.ToLowerInvariant(), family);
        isNew = !_questions.TryGetValue(key, out var known) || (known.Result is not null && _time.GetTimestamp() >= known.ExpiresAt);
        if (!isNew)
            return known!;
        if (known is null && _questions.Count >= _options.MostKept)
            DropOneLocked();
        var question = new Question(key, host);
        _questions[key] = question;
        _line.AddLast(question.Place);
        return question;
    }

    // Whichever would go first. Questions in progress stay: there are as many as somebody waits for.
    private void DropOneLocked()
    {
        Question? first = null;
        foreach (var question in _questions.Values)
        {
            if (question.Result is not null && (first is null || question.ExpiresAt < first.ExpiresAt))
                first = question;
        }

        if (first is not null)
            _questions.Remove(first.Key);
    }

    private void Leave(Question question)
    {
        lock (_lock)
        {
            if (--question.Waiters > 0 || question.Place.List is null)
                return;
            _line.Remove(question.Place);
            ForgetLocked(question);
        }
    }

    private void ForgetLocked(Question question)
    {
        if (_questions.TryGetValue(question.Key, out var known) && known == question)
            _questions.Remove(question.Key);
    }

    private void StartLookUp()
    {
        try
        {
            _ = System.RunBlocking(LookUpAll);
        }
        catch (ObjectDisposedException e)
        {
            List<Question> left;
            lock (_lock)
            {
                _lookUps--;
                left = [.. _line];
                _line.Clear();
                left.ForEach(ForgetLocked);
            }

            left.ForEach(question => question.Answer.TrySetResult(new Answer(null, e)));
        }
    }

    private void LookUpAll()
    {
        while (true)
        {
            Question question;
            lock (_lock)
            {
                if (_line.First is not { } next)
                {
                    _lookUps--;
                    return;
                }

                _line.Remove(next);
                question = next.Value;
            }

            var answer = LookUp(question);
            lock (_lock)
            {
                var kept = answer.Failure is null ? _options.TimeToLive : _options.FailureTimeToLive;
                question.ExpiresAt = _time.GetTimestamp() + (long)(kept.TotalSeconds * _time.TimestampFrequency);
                question.Result = answer;
                if (kept == TimeSpan.Zero)
                    ForgetLocked(question);
            }

            question.Answer.SetResult(answer);
        }
    }

    // Everything that goes wrong is an answer too: whoever waits gets it.
    private Answer LookUp(Question question)
    {
        try
        {
            var found = _options.LookUp is { } lookUp
                ? lookUp(question.Host, question.Key.Family)
                : global::System.Net.Dns.GetHostAddresses(question.Host, question.Key.Family);
            var fitting = found is null ? [] : found.Where(address => IsOf(question.Key.Family, address)).ToArray();
            return fitting.Length > 0 ? new Answer(Array.AsReadOnly(fitting), null) : Answer.NotFound;
        }
        catch (Exception e)
        {
            return new Answer(null, e);
        }
    }

    /// <summary>What came of a question: addresses, or why there are none.</summary>
    private sealed record Answer(IReadOnlyList<IPAddress>? Addresses, Exception? Failure)
    {
        public static Answer NotFound { get; } = new(null, new SocketException((int)SocketError.HostNotFound));

        public ValueTask<IReadOnlyList<IPAddress>> ToTask(string host)
            => Addresses is not null ? new(Addresses) : ValueTask.FromException<IReadOnlyList<IPAddress>>(FailureOf(host));

        public IReadOnlyList<IPAddress> AddressesOf(string host) => Addresses ?? throw FailureOf(host);

        // Each waiter gets an exception of its own.
        private Exception FailureOf(string host)
        {
            if (Failure is ObjectDisposedException)
                return new ObjectDisposedException(nameof(ActorSystem), $"Looking up {host}: the actor system has stopped.");
            string reason = Failure is SocketException socket ? IO.Addresses.TextOf(socket) : Failure!.Message;
            return new IOException($"Looking up {host} failed: {reason}", Failure);
        }
    }

    private sealed class Question
    {
        public Question((string Host, AddressFamily Family) key, string host)
        {
            Key = key;
            Host = host;
            Place = new LinkedListNode<Question>(this);
        }

        public (string Host, AddressFamily Family) Key { get; }

        public string Host { get; }

        public LinkedListNode<Question> Place { get; }

        public TaskCompletionSource<Answer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Waiters { get; set; }

        /// <summary>What the next who asks gets at once; null until a thread has come back with it.</summary>
        public Answer? Result { get; set; }

        public long ExpiresAt { get; set; }
    }
}

/// <summary>The names of actor systems.</summary>
public static class SystemNames
{
    /// <summary>The resolver of a system, with the default options.</summary>
    /// <exception cref="ArgumentNullException">There is no system.</exception>
    public static NameResolver GetNames(this ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        return NameResolver.Of(system);
    }
}
