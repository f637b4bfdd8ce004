using System.Diagnostics.CodeAnalysis;

using Microsoft.Extensions.DependencyInjection;

namespace Qi.Actors.Hosting;

/// <summary>Collects the actors that the hosted service spawns.</summary>
internal sealed class QiActorsBuilder(IServiceCollection services, HostedActors actors) : IQiActorsBuilder
{
    public IServiceCollection Services => services;

    public IQiActorsBuilder Configure(Action<QiActorsOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        services.PostConfigure(configure);
        return this;
    }

    public IQiActorsBuilder AddActor<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TActor>(string name, ActorOptions? options = null)
        where TActor : ActorBase
        => AddActor(name, static provider => ActivatorUtilities.CreateInstance<TActor>(provider), options);

    public IQiActorsBuilder AddActor(string name, Func<IServiceProvider, ActorBase> factory, ActorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(factory);
        ActorPath.ValidateName(name);
        actors.Add(new HostedActor(name, factory, options ?? ActorOptions.Default));
        return this;
    }

    public IQiActorsBuilder AddActor<TMessage>(string name, Action<IServiceProvider, TMessage> receive, ActorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(receive);
        return AddActor(name, provider => new DelegateActor<TMessage>(message => receive(provider, message)), options);
    }

    public IQiActorsBuilder AddActor<TMessage>(string name, Func<IServiceProvider, TMessage, ValueTask> receive, ActorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(receive);
        return AddActor(name, provider => new AsyncDelegateActor<TMessage>(message => receive(provider, message)), options);
    }
}

/// <summary>An actor that the host spawns.</summary>
internal sealed record HostedActor(string Name, Func<IServiceProvider, ActorBase> Factory, ActorOptions Options);

/// <summary>The actors that the host spawns, in the order they were added.</summary>
internal sealed class HostedActors
{
    private readonly List<HostedActor> _actors = [];

    public IReadOnlyList<HostedActor> All => _actors;

    public void Add(HostedActor actor)
    {
        if (_actors.Exists(other => string.Equals(other.Name, actor.Name, StringComparison.Ordinal)))
            throw new ArgumentException($"An actor named '{actor.Name}' was added before. Choose another name.", nameof(actor));
        _actors.Add(actor);
    }
}
