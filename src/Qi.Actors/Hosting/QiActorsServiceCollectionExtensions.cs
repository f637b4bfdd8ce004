using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

using Qi.Actors.Hosting;

namespace Qi.Actors;

/// <summary>Adds an actor system to a host.</summary>
public static class QiActorsServiceCollectionExtensions
{
    /// <summary>
    /// Adds an <see cref="ActorSystem"/> that starts and stops with the host. Its options bind from the configuration section
    /// <c>QiActors</c> and are validated when the host starts.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Adds actors; may be called several times in all.</param>
    /// <remarks>The clock is the registered <see cref="TimeProvider"/>, or the machine's. On stop, waiting messages are drained within the host's shutdown timeout.</remarks>
    public static IServiceCollection AddQiActors(this IServiceCollection services, Action<IQiActorsBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var actors = services.FirstOrDefault(service => service.ServiceType == typeof(HostedActors))?.ImplementationInstance as HostedActors;
        if (actors is null)
        {
            actors = new HostedActors();
            services.AddSingleton(actors);
            services.AddOptions<QiActorsOptions>()
                .BindConfiguration(QiActorsOptions.SectionName, binder => binder.ErrorOnUnknownConfiguration = true)
                .ValidateOnStart();
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<QiActorsOptions>, QiActorsOptionsValidator>());
            services.AddSingleton(CreateSystem);
            services.AddHostedService<QiActorsHostedService>();
        }

        configure?.Invoke(new QiActorsBuilder(services, actors));
        return services;
    }

    private static ActorSystem CreateSystem(IServiceProvider provider)
        => new(
            provider.GetRequiredService<IOptions<QiActorsOptions>>().Value,
            provider.GetService<TimeProvider>(),
            provider.GetService<ILoggerFactory>());
}
